#!/usr/bin/env bash
# The end-to-end check of the usage path: secret, recording, pushing, merging, removal.
# Runs against a running server of role all or central and the Forgejo it pushes to, with bash,
# curl and coreutils only. Nothing of the product is needed. See docs/smoke.md.
#
#   smoke_usage_push.sh [SERVER_URL]
#
# SERVER_URL defaults to http://$HERO_ONBOARDING_LISTEN, else http://127.0.0.1:9920. Needed:
# HERO_ONBOARDING_ADMIN_SECRET, HERO_ONBOARDING_FORGE_URL and HERO_ONBOARDING_FORGE_TOKEN (both
# secrets also by a file, _FILE appended). HERO_ONBOARDING_FORGE_REPO and
# HERO_ONBOARDING_FORGE_BRANCH are the server's own.
# Exits 0 when all checks passed, 1 when one failed, 2 when they could not be made.
set -uo pipefail
export LC_ALL=C TZ=UTC no_proxy="${no_proxy:+$no_proxy,}localhost,127.0.0.1,::1"

stop() { printf 'smoke: %s\n' "$*" >&2; exit 2; }

secret() { # NAME: the value of a variable, or of the file that NAME_FILE names
  local file="$1_FILE"
  if [ -n "${!1:-}" ]; then printf '%s' "${!1}"
  elif [ -n "${!file:-}" ]; then printf '%s' "$(<"${!file}")"
  else stop "set $1"; fi
}

[ $# -le 1 ] || stop "usage: smoke_usage_push.sh [SERVER_URL]"
for tool in curl base64 sha1sum sed grep mktemp rm; do
  command -v "$tool" >/dev/null || stop "$tool is not installed"
done
server=${1:-http://${HERO_ONBOARDING_LISTEN:-127.0.0.1:9920}}
server=${server%/}
forge=${HERO_ONBOARDING_FORGE_URL:-}
case "$forge" in http://* | https://*) ;; *) stop "set HERO_ONBOARDING_FORGE_URL to http(s)://HOST" ;; esac
repository=${HERO_ONBOARDING_FORGE_REPO:-lhumina_code/hero_onboarding_billing}
api=${forge%/}/api/v1/repos/$repository
admin_secret=$(secret HERO_ONBOARDING_ADMIN_SECRET) || exit 2
token=$(secret HERO_ONBOARDING_FORGE_TOKEN) || exit 2

umask 077
work=$(mktemp -d) || stop "no temporary folder"
# Secrets go by files that only we read, never by arguments that every process can list.
printf 'X-Hero-Onboarding-Admin-Secret: %s\n' "$admin_secret" >"$work/right"
printf 'X-Hero-Onboarding-Admin-Secret: %s-not\n' "$admin_secret" >"$work/wrong"
printf 'Authorization: token %s\n' "$token" >"$work/token"
: >"$work/none"
: >"$work/answer"

node=$(printf 'smoke-%04x%04x%04x' $RANDOM $RANDOM $RANDOM)
printf -v now '%(%s)T' -1
printf -v hour '%(%Y-%m-%d %H)T' $((now - 7200))
printf -v other_hour '%(%Y-%m-%d %H)T' $((now - 10800))
printf -v future '%(%Y-%m-%d %H:%M:%S)T' $((now + 1000000000))
folder=nodes/$node
path=$folder/usage_${hour/ /-}.otoml
other_path=$folder/usage_${other_hour/ /-}.otoml

# --- asking ---------------------------------------------------------------------------------

curl_json() { # HEADERS METHOD URL [BODY]: sets status and answer
  local body=()
  [ $# -lt 4 ] || body=(--data-binary @-)
  status=$(printf '%s' "${4-}" | curl -sS --max-time 300 -o "$work/answer" -w '%{http_code}' \
    -H "@$1" -H 'Content-Type: application/json' -X "$2" "${body[@]}" "$3" 2>"$work/said") ||
    status="no answer ($(<"$work/said"))"
  answer=$(tr -d '\0' <"$work/answer" 2>/dev/null) || answer=
  : >"$work/answer"
}

server_post() { curl_json "$work/right" POST "$server$1" "$2"; }
forge_ask() { curl_json "$work/token" "$@"; }
push() { server_post /admin/push-usage-now "${1-}"; }

text_of() { # NAME: the first string of that name in the answer
  grep -o "\"$1\": *\"[^\"]*\"" <<<"$answer" | sed -n '1s/^[^:]*: *"\(.*\)"$/\1/p'
}

count_of() { # NAME: the first number of that name in the answer
  grep -o "\"$1\": *[0-9]*" <<<"$answer" | sed -n '1s/^.*[: ]//p'
}

counts() { # the six counts of a push, in the order of the contract
  local name shown=
  for name in buckets pushed unchanged records conflicts failures; do
    shown="$shown $(count_of "$name")"
  done
  printf '%s' "${shown# }"
}

record() { # KEY AMOUNT KIND TIME: the JSON of a record; KEY as it stands between quotes
  printf '{"node_id":"%s","user_sid":"smoke","amount_cents":%s,"resource_kind":"%s",' "$node" "$2" "$3"
  printf '"idempotency_key":"%s","occurred_at":"%s"}' "$1" "$4"
}

table() { # the same as OTOML; JSON and TOML quote these keys alike
  printf '[[records]]\nnode_id = "%s"\nuser_sid = "smoke"\namount_cents = %s\n' "$node" "$2"
  printf 'resource_kind = "%s"\nidempotency_key = "%s"\noccurred_at = "%s"' "$3" "$1" "$4"
}

bucket() { # TABLE…: the text of a file, but for its last line feed
  local text=$1
  shift
  for one in "$@"; do text+=$'\n\n'$one; done
  printf '%s' "$text"
}

encoded() { printf '%s\n' "$1" | base64 | tr -d '\n'; }
blob_of() { printf 'blob %d\0%s\n' $((${#1} + 1)) "$1" | sha1sum | sed 's/ .*//'; }

fetch_file() { # PATH: sets file_status, file_blob and file_content (base64)
  forge_ask GET "$api/contents/$1?ref=$branch"
  file_status=$status
  file_blob=$(text_of sha)
  file_content=$(grep -o '"content": *"[^"]*"' <<<"$answer" | sed -n '1s/^[^:]*: *"\(.*\)"$/\1/p')
  file_content=${file_content//\\n/}
}

find_head() {
  forge_ask GET "$api/branches/$branch"
  head=$(grep -o '"id": *"[0-9a-f]\{40,64\}"' <<<"$answer" | sed -n '1s/.*"\([0-9a-f]*\)"$/\1/p')
}

list_tree() { # TREE [recursive]: a line "TYPE ID PATH" for each entry
  local page=1 entries
  [ -n "$1" ] || return 0
  while :; do
    forge_ask GET "$api/git/trees/$1?per_page=1000&page=$page${2:+&recursive=true}"
    entries=$(grep -o '{[^{}]*"path"[^{}]*}' <<<"$answer")
    [ "$status" = 200 ] && [ -n "$entries" ] || return 0
    sed -n 's/.*"path": *"\([^"]*\)".*/\1/p' <<<"$entries" >"$work/paths"
    sed -n 's/.*"sha": *"\([^"]*\)".*/\1/p' <<<"$entries" >"$work/ids"
    sed -n 's/.*"type": *"\([^"]*\)".*/\1/p' <<<"$entries" >"$work/types"
    paste -d ' ' "$work/types" "$work/ids" "$work/paths"
    [ $((page * 1000)) -lt "$(count_of total_count)" ] || return 0
    page=$((page + 1))
  done
}

tree_below() { # TREE NAME: the id of a directory
  list_tree "$1" | sed -n "s/^tree \([0-9a-f]*\) $2\$/\1/p"
}

list_others() { # everything at the root and below nodes/ but for nodes that are smoke checks
  find_head
  list_tree "$head" | grep -v '^tree [0-9a-f]* nodes$'
  list_tree "$(tree_below "$head" nodes)" | grep -v ' smoke-'
}

list_smoke_nodes() {
  find_head
  list_tree "$(tree_below "$head" nodes)" | sed -n 's/^tree \([0-9a-f]*\) \(smoke-.*\)$/\2 \1/p'
}

# --- removal --------------------------------------------------------------------------------

remove_file() { # PATH: delete it, looking again when somebody else was faster
  local _
  for _ in 1 2 3 4 5 6; do
    fetch_file "$1"
    case "$file_status" in
      404) return 0 ;;
      200)
        forge_ask DELETE "$api/contents/$1" \
          "{\"sha\":\"$file_blob\",\"branch\":\"$branch\",\"message\":\"remove a smoke check\"}"
        ;;
    esac
    [ "$status" = 200 ] || sleep "0.$((RANDOM % 9 + 1))"
  done
  return 1
}

is_removed=no
remove_files() { # everything of the smoke nodes that were not there before
  local name id _type _id below left=0
  is_removed=yes
  while read -r name id; do
    grep -q "^$name " "$work/nodes_before" && continue
    while read -r _type _id below; do
      [ "$_type" != blob ] || remove_file "nodes/$name/$below" || left=1
    done <<<"$(list_tree "$id" recursive)"
  done <<<"$(list_smoke_nodes)"
  return $left
}

finish() {
  local code=$?
  trap - EXIT INT TERM
  if [ "$is_removed" = no ] && [ -s "$work/is_started" ] && ! remove_files; then
    printf 'smoke: files below nodes/%s could not be removed\n' "$node" >&2
  fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 2' INT TERM

# --- checking -------------------------------------------------------------------------------

number=0 passed=0 failed=0
check() { # NAME EXPECTED FOUND
  number=$((number + 1))
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
    printf 'ok %d - %s\n' $number "$1"
  else
    failed=$((failed + 1))
    printf 'not ok %d - %s\n' $number "$1"
    printf '# expected: %.2000s\n# found:    %.2000s\n' "${2//$'\n'/$'\n'#   }" "${3//$'\n'/$'\n'#   }"
  fi
}

branch=${HERO_ONBOARDING_FORGE_BRANCH:-}
forge_ask GET "$api"
case "$status" in
  200) ;;
  401 | 403) stop "the forge at $forge does not take the token: $status" ;;
  404) stop "the repository $repository is not at $forge, or the token may not see it: 404" ;;
  *) stop "the repository $repository at $forge can't be read: $status" ;;
esac
[ -n "$branch" ] || branch=$(text_of default_branch)
[ -n "$branch" ] || branch=main
curl_json "$work/none" GET "$server/health"
case "$status" in no\ answer*) stop "no server at $server: $status" ;; esac
list_smoke_nodes >"$work/nodes_before"
printf 'yes' >"$work/is_started"
printf '# server %s, repository %s, branch %s, node %s\n' "$server" "$repository" "$branch" "$node"

curl_json "$work/none" GET "$server/health"
check "health answers 200, ok and the service's name" "200 ok hero_onboarding_server" \
  "$status $(text_of status) $(text_of service)"

# The admin secret gates both routes.
refused=$(record refused 1 cpu "$hour:00:00")
curl_json "$work/none" POST "$server/record_usage" "$refused"
check "recording without the secret is 401" 401 "$status"
curl_json "$work/wrong" POST "$server/record_usage" "$refused"
check "recording with a wrong secret is 401" 401 "$status"
check "the refusal is a problem with a code" request.unauthenticated "$(text_of code)"
curl_json "$work/none" POST "$server/admin/push-usage-now" '{}'
check "pushing without the secret is 401" 401 "$status"
curl_json "$work/wrong" POST "$server/admin/push-usage-now" '{}'
check "pushing with a wrong secret is 401" 401 "$status"

push
check "a push of what waited answers 200 without failures" "200 0" "$status $(count_of failures)"
others_before=$(list_others)
push '{}'
check "a push with nothing new answers zeros" "200 0 0 0 0 0 0" "$status $(counts)"
fetch_file "$path"
check "refused requests brought nothing into the repository" 404 "$file_status"

# The producer path works and repeats are deduplicated.
first_key='one \"quoted\" \\ key'
first=$(record "$first_key" 5 cpu "$hour:10:00")
server_post /record_usage "$first"
check "a first record is 201 and created" "201 created" "$status $(text_of status)"
server_post /record_usage "$first"
check "a repeat is 200 and duplicate" "200 duplicate" "$status $(text_of status)"
server_post /record_usage "$(record "$first_key" 5 cpu "${hour/ /T}:10:00+00:00")"
check "a repeat with its time written otherwise is duplicate" "200 duplicate" "$status $(text_of status)"
server_post /record_usage "$(record "$first_key" 6 cpu "$hour:10:00")"
check "the same key with another amount is 409" "409 usage.key_conflict" "$status $(text_of code)"
server_post /record_usage "$first"
check "after the conflict the first record still counts" "200 duplicate" "$status $(text_of status)"

second=$(record z-second 0 memory "$hour:05:00")
third=$(record a-third 1000000000 storage.ssd "$hour:10:00")
server_post /v1/usage/batch "[$second,$third,$second,$(record z-second 7 memory "$hour:05:00"),{\"node_id\":\"$node\"}]"
check "a batch counts created, duplicate, conflict and invalid" "200 2 1 1 1" \
  "$status $(count_of created) $(count_of duplicate) $(count_of conflict) $(count_of invalid)"
check "a batch answers in the order of its records" "created created duplicate conflict invalid" \
  "$(grep -o '"status": *"[a-z]*"' <<<"$answer" | sed 's/.*"\([a-z]*\)"$/\1/' | paste -s -d ' ')"

# Wrong fields.
server_post /record_usage "$(record wrong -1 cpu "$hour:10:00")"
check "a negative amount is 422" 422 "$status"
server_post /record_usage "$(record wrong 1.5 cpu "$hour:10:00")"
check "an amount that is no integer is 422" 422 "$status"
server_post /record_usage "$(record wrong 1 cpu "$future")"
check "a time far ahead is 422" 422 "$status"
server_post /record_usage "$(record wrong 1 CPU "$hour:10:00")"
check "a kind in upper case is 422" 422 "$status"
server_post /record_usage "{\"node_id\":\"$node\"}"
check "a record without its fields is 422" 422 "$status"
server_post /record_usage '[not json'
check "a body that is no JSON is 422" 422 "$status"

# The push lands.
push
check "the push counts one bucket of three records" "200 1 1 0 3 0 0" "$status $(counts)"
expected=$(bucket "$(table z-second 0 memory "$hour:05:00")" \
  "$(table a-third 1000000000 storage.ssd "$hour:10:00")" "$(table "$first_key" 5 cpu "$hour:10:00")")
fetch_file "$path"
check "the bucket file is where it should be" 200 "$file_status"
check "the bucket file is right, byte for byte" "$(encoded "$expected")" "$file_content"
check "the bucket file has the expected blob id" "$(blob_of "$expected")" "$file_blob"
check "records are ordered by time, then key" "z-second a-third one" \
  "$(base64 -d <<<"$file_content" 2>/dev/null | sed -n 's/^idempotency_key = "\([a-z-]*\).*/\1/p' | paste -s -d ' ')"

# Pushing again changes nothing.
find_head
head_after_push=$head
push
check "a second push answers zeros" "200 0 0 0 0 0 0" "$status $(counts)"
find_head
check "a second push makes no commit" "$head_after_push" "$head"

# What another server of this node has pushed stays when a new record is merged in.
elsewhere=$(bucket "$(table z-second 0 memory "$hour:05:00")" "$(table elsewhere 8 network "$hour:07:00")" \
  "$(table a-third 1000000000 storage.ssd "$hour:10:00")" "$(table "$first_key" 5 cpu "$hour:10:00")")
fetch_file "$path"
forge_ask PUT "$api/contents/$path" "{\"sha\":\"$file_blob\",\"branch\":\"$branch\",\"content\":\"$(encoded "$elsewhere")\",\"message\":\"a smoke check from elsewhere\"}"
check "the forge takes a record from elsewhere" 200 "$status"
server_post /record_usage "$(record late 9 cpu "$hour:59:59")"
check "a late record for a pushed hour is 201" "201 created" "$status $(text_of status)"
push
check "the push counts the late record alone" "200 1 1 0 1 0 0" "$status $(counts)"
merged=$(bucket "$elsewhere" "$(table late 9 cpu "$hour:59:59")")
fetch_file "$path"
check "the late record is merged into the existing file" "$(blob_of "$merged") $(encoded "$merged")" "$file_blob $file_content"

server_post /record_usage "$(record next 2 cpu "$other_hour:30:00")"
push
check "another hour is pushed as a file of its own" "200 1 1 0 1 0 0" "$status $(counts)"
other=$(table next 2 cpu "$other_hour:30:00")
fetch_file "$other_path"
check "the file of the other hour is right" "$(blob_of "$other")" "$file_blob"

push '{"full":true}'
unchanged=$(count_of unchanged)
check "a full push looks at all buckets and fails at none" \
  "200 $(($(count_of pushed) + ${unchanged:-0})) 0 yes" \
  "$status $(count_of buckets) $(count_of failures) $([ "${unchanged:-0}" -ge 2 ] && echo yes)"
fetch_file "$path"
blobs=$file_blob
fetch_file "$other_path"
check "a full push leaves the files as they are" "$(blob_of "$merged") $(blob_of "$other")" "$blobs $file_blob"
check "nothing else in the repository changed" "$others_before" "$(list_others)"

# The created files are removed through the API.
remove_files
fetch_file "$path"
gone=$file_status
fetch_file "$other_path"
check "the created files are removed" "404 404" "$gone $file_status"
check "the repository is as it was before" "$others_before $(sort "$work/nodes_before")" \
  "$(list_others) $(list_smoke_nodes | sort)"

printf '%d passed, %d failed\n' $passed $failed
[ $failed -eq 0 ] || exit 1
exit 0
