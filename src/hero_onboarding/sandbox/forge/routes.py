"""The site map of the forge's API."""

from hero_onboarding.sandbox.forge.endpoints import (
    branches,
    commits,
    contents_reading,
    contents_writing,
    hooks,
    objects,
    repos,
    service,
)
from hero_onboarding.sandbox.forge.routing import Route

API = "/api/v1"
_REPO = f"{API}/repos/{{owner}}/{{repo}}"

ROUTES = (
    Route("GET", f"{API}/version", service.show_version),
    Route("GET", f"{API}/settings/api", service.show_api_settings),
    Route("GET", f"{API}/user", service.show_user, "user"),
    Route("GET", f"{API}/users/{{name}}", service.show_account, "user"),
    Route("POST", f"{API}/users/{{name}}/tokens", service.create_token),
    Route("POST", f"{API}/orgs", service.create_organisation, "organization"),
    Route("GET", f"{API}/orgs/{{name}}", service.show_account, "organization"),
    Route("POST", f"{API}/user/repos", repos.create_own, "repository"),
    Route("POST", f"{API}/orgs/{{org}}/repos", repos.create_in_organisation, "repository"),
    Route("GET", _REPO, repos.show, "repository"),
    Route("PATCH", _REPO, repos.change, "repository"),
    Route("DELETE", _REPO, repos.delete, "repository"),
    Route("PUT", f"{_REPO}/collaborators/{{name}}", repos.add_collaborator, "repository"),
    Route("GET", f"{_REPO}/hooks", hooks.list_page, "repository"),
    Route("POST", f"{_REPO}/hooks", hooks.create, "repository"),
    Route("GET", f"{_REPO}/branches", branches.list_page, "repository"),
    Route("POST", f"{_REPO}/branches", branches.create, "repository"),
    Route("GET", f"{_REPO}/branches/{{branch*}}", branches.show, "repository"),
    Route("DELETE", f"{_REPO}/branches/{{branch*}}", branches.delete, "repository"),
    Route("GET", f"{_REPO}/git/refs", branches.list_references, "repository"),
    Route("GET", f"{_REPO}/git/refs/{{beginning*}}", branches.list_references, "repository"),
    Route("GET", f"{_REPO}/git/trees/{{name}}", objects.show_tree, "repository"),
    Route("GET", f"{_REPO}/git/blobs", objects.show_blobs, "repository"),
    Route("GET", f"{_REPO}/git/blobs/{{sha}}", objects.show_blob, "repository"),
    Route("GET", f"{_REPO}/git/commits/{{name}}", commits.show, "repository"),
    Route("GET", f"{_REPO}/commits", commits.list_page, "repository"),
    Route("GET", f"{_REPO}/compare/{{range*}}", commits.compare, "repository"),
    Route("GET", f"{_REPO}/raw/{{path*}}", contents_reading.show_raw, "repository"),
    Route("GET", f"{_REPO}/media/{{path*}}", contents_reading.show_raw, "repository"),
    Route("GET", f"{_REPO}/contents", contents_reading.show, "repository"),
    Route("POST", f"{_REPO}/contents", contents_writing.change_files, "repository"),
    Route("GET", f"{_REPO}/contents/{{path*}}", contents_reading.show, "repository"),
    Route("POST", f"{_REPO}/contents/{{path*}}", contents_writing.create_file, "repository"),
    Route("PUT", f"{_REPO}/contents/{{path*}}", contents_writing.update_file, "repository"),
    Route("DELETE", f"{_REPO}/contents/{{path*}}", contents_writing.delete_file, "repository"),
)
