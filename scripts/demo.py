"""The main loop on one machine: money comes in, nodes record and push, the centre charges.

Starts a sandbox forge, a sandbox Stripe, two nodes and the centre as processes of their own, talks
to them over HTTP and the command line only, prints what happened, and leaves the site running
until Ctrl-C. With ``--check`` it checks everything from outside, prints one JSON object and exits
0 or 1.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import demo_check

PROGRAMS = Path(sys.executable).parent
REPOSITORY = "lhumina_code/hero_onboarding_billing"
NODES = ("kili-01", "ghent-02")
PRICES = {"compute_micros": 30_560, "storage_micros": 19_440, "tzs_per_usd": 2_550}
USERS = {"amina": 12_400_000, "bram": 5_000_000, "chiku": 900_000}
PAYER, PAID_CENTS, CARD = "amina", 2_500, "4242424242424242"
WEBHOOK_SECRET = "whsec_ofTheDemoAlone1"
WAIT_SECONDS = 30
KINDS = {"cpu": 3, "memory": 2, "storage": 1, "network": 4}
HOURS = 3
SITE_PORT, ADMIN_PORT = 9920, 9921


class Process:
    """A program that was started here and is stopped by its own id."""

    def __init__(self, name: str, command: list[str], settings: dict[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        plain = {k: v for k, v in os.environ.items() if not k.startswith("HERO_ONBOARDING_")}
        self.environment = {**plain, **settings}
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, env=self.environment
            )

    def read_line(self) -> str:
        """Wait for the next line it prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        if not line:
            raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()}")
        return line

    def stop(self) -> None:
        """Stop it and wait for its end."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class Server(Process):
    """One of the product's servers, with its own data folder and secret."""

    def __init__(self, name: str, settings: dict[str, str], folder: Path) -> None:
        self.secret = f"demo-secret-of-{name}"
        settings = {
            "HERO_ONBOARDING_DATA_DIR": str(folder / name),
            "HERO_ONBOARDING_ADMIN_SECRET": self.secret,
            "HERO_ONBOARDING_SOCKET_DIR": str(folder / "s" / name),
            **settings,
        }
        command = [str(PROGRAMS / "hero_onboarding_server")]
        super().__init__(name, command, settings, folder / f"{name}.log")
        self.origins: dict[str, str] = {}

    def wait(self, listeners: int) -> None:
        """Wait until it has said where each listener is."""
        for _ in range(listeners):
            words = self.read_line().split()
            self.origins[words[0]] = words[-1]

    def ask(self, path: str, body: object = None) -> Any:  # noqa: ANN401 - whatever it answers
        """Ask it over HTTP."""
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.origins['hero_onboarding_server']}{path}"
        request = urllib.request.Request(url, data)
        request.add_header("X-Hero-Onboarding-Admin-Secret", self.secret)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def command(self, *words: str) -> dict[str, Any]:
        """Run a command of the product against it, as an operator would."""
        run = [str(PROGRAMS / words[0]), *words[1:], "--json"]
        done = subprocess.run(
            run, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} on {self.name}: {done.stderr}")
        counts: dict[str, Any] = json.loads(done.stdout)
        return counts


class Demo:
    """The processes of one demonstration, and what was sent to them."""

    def __init__(self, folder: Path, stack: ExitStack, *, fixed_ports: bool) -> None:
        self.sent: dict[tuple[str, str], dict[str, Any]] = {}
        self.delivered = 0
        root = folder / "forge"
        command = [str(PROGRAMS / "hero_onboarding"), "sandbox", "forge", "--root", str(root)]
        command += ["--repository", REPOSITORY]
        forge = Process("the sandbox forge", command, {}, folder / "forge.log")
        stack.callback(forge.stop)
        ready = json.loads(forge.read_line())
        self.forge_url, self.token = ready["url"], ready["token"]
        command = [str(PROGRAMS / "hero_onboarding"), "sandbox", "stripe"]
        bank = Process("the sandbox Stripe", command, {}, folder / "stripe.log")
        stack.callback(bank.stop)
        self.stripe = json.loads(bank.read_line())
        ports = (SITE_PORT, ADMIN_PORT) if fixed_ports else (0, 0)
        self.centre = self._server("centre", "central", ports, folder, stack)
        self.nodes = [self._server(name, "node", (0, 0), folder, stack) for name in NODES]
        for server in (self.centre, *self.nodes):
            server.wait(2 if server is self.centre else 1)
        webhook = f"{self.centre.origins['hero_onboarding_server']}/webhooks/stripe"
        self._tell_stripe("endpoints", {"url": webhook, "secret": WEBHOOK_SECRET})

    def _server(
        self, name: str, role: str, ports: tuple[int, int], folder: Path, stack: ExitStack
    ) -> Server:
        settings = {
            "HERO_ONBOARDING_ROLE": role,
            "HERO_ONBOARDING_NODE_NAME": name,
            "HERO_ONBOARDING_LISTEN": f"127.0.0.1:{ports[0]}",
            "HERO_ONBOARDING_ADMIN_LISTEN": f"127.0.0.1:{ports[1]}",
            "HERO_ONBOARDING_FORGE_URL": self.forge_url,
            "HERO_ONBOARDING_FORGE_TOKEN": self.token,
            "HERO_ONBOARDING_FORGE_REPO": REPOSITORY,
        }
        if role == "central":
            settings |= {
                "HERO_ONBOARDING_STRIPE_SECRET_KEY": self.stripe["secret_key"],
                "HERO_ONBOARDING_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
                "HERO_ONBOARDING_STRIPE_API_BASE": self.stripe["url"],
            }
        server = Server(name, settings, folder)
        stack.callback(server.stop)
        return server

    def create_users(self) -> None:
        """Publish prices, and create three users with money in their wallets."""
        self.centre.ask("/v1/prices", PRICES)
        for sid, amount in USERS.items():
            self.centre.ask("/v1/users", {"sid": sid, "name": sid.capitalize()})
            credit = {"amount": amount, "reason": "demo credit", "idempotency_key": "start"}
            self.centre.ask(f"/v1/users/{sid}/adjustments", credit)

    def top_up(self) -> dict[str, Any]:
        """Pay by card into a wallet, and wait until the centre has credited it."""
        asked = {"provider": "stripe", "method": "checkout", "amount": PAID_CENTS}
        asked |= {"currency": "USD", "idempotency_key": "first"}
        opened = self.centre.ask(f"/v1/users/{PAYER}/top-ups", asked)
        session = opened["redirect_url"].rpartition("/")[2]
        self._tell_stripe("sessions", {"session": session, "number": CARD})
        ends_at = time.monotonic() + WAIT_SECONDS
        found: dict[str, Any] = opened
        while found["status"] != "paid":
            if time.monotonic() > ends_at:
                raise SystemExit(f"the payment was not credited: {found}; see {self.centre.log}")
            time.sleep(0.1)
            found = self.centre.ask(f"/v1/top-ups/{opened['top_up_id']}")
        return found

    def _tell_stripe(self, what: str, body: dict[str, object]) -> None:
        """Do what a payer or an account holder does at the sandbox Stripe."""
        url = f"{self.stripe['url']}/sandbox/stripe/{what}"
        request = urllib.request.Request(url, json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request, timeout=WAIT_SECONDS).close()

    def record(self) -> None:
        """Record three hours of use on each node, some of it more than once."""
        now = datetime.now(tz=UTC).replace(minute=0, second=0, microsecond=0)
        for number, node in enumerate(self.nodes):
            records = [
                self._record(node.name, number, hours, sid, kind)
                for hours in range(1, HOURS + 1)
                for sid in USERS
                for kind in KINDS
                if hash_of(node.name, hours, sid, kind) % 5
            ]
            for record in records:
                record["occurred_at"] = text_of(now - timedelta(hours=record.pop("hours_ago")))
                self.sent[node.name, record["idempotency_key"]] = record
            for record in records[:6] * 2:
                node.ask("/record_usage", record)
            node.ask("/v1/usage/batch", records)
            self.delivered += len(records) + 12

    def _record(self, node: str, number: int, hours: int, sid: str, kind: str) -> dict[str, Any]:
        return {
            "node_id": node,
            "user_sid": sid,
            "amount_cents": KINDS[kind] + hash_of(node, hours, sid, kind) % 7 + number,
            "resource_kind": kind,
            "idempotency_key": f"{sid}:{kind}:{hours}",
            "hours_ago": hours,
        }

    def record_late(self) -> None:
        """Record one more use of an hour that was pushed before."""
        node = self.nodes[0]
        first = next(iter(self.sent.values()))
        late = {**first, "idempotency_key": "late", "amount_cents": 9, "user_sid": "bram"}
        node.ask("/record_usage", late)
        self.sent[node.name, "late"] = late
        self.delivered += 1

    def push(self) -> list[dict[str, Any]]:
        """Push on each node, by the one-shot of the hourly action."""
        return [
            node.command("hero_onboarding_admin", "push-usage", "--once") for node in self.nodes
        ]

    def aggregate(self) -> dict[str, Any]:
        """Make one pass at the centre."""
        return self.centre.command("hero_onboarding", "aggregate", "--once")

    @property
    def clone_address(self) -> str:
        """Where git clones the billing repository from."""
        return f"{self.forge_url}/{REPOSITORY}.git"

    def forge_commits(self) -> int:
        """Ask the forge how many commits it has for buckets."""
        url = f"{self.forge_url}/api/v1/repos/{REPOSITORY}/commits?limit=1&path=nodes"
        request = urllib.request.Request(url, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.headers["X-Total-Count"])

    def facts(self, pushes: list[dict[str, Any]]) -> dict[str, Any]:
        """Collect what the check compares with the forge."""
        return {
            "sent": list(self.sent.values()),
            "credited": credited(),
            "wallets": {sid: self.centre.ask(f"/v1/users/{sid}/wallet") for sid in USERS},
            "books": self.centre.ask("/v1/books"),
            "buckets": sum(push["pushed"] for push in pushes),
        }


def credited() -> dict[str, int]:
    """Say what each user was given, the payment included, in micro-dollars."""
    return {**USERS, PAYER: USERS[PAYER] + PAID_CENTS * 10_000}


def hash_of(*parts: object) -> int:
    """Make a small number that is the same on every run."""
    return sum(ord(c) * (i + 1) for i, c in enumerate("|".join(map(str, parts))))


def text_of(moment: datetime) -> str:
    """Write a time as the contract has it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def dollars(micros: int) -> str:
    """Write micro-dollars for people."""
    return f"USD {micros / 1_000_000:,.2f}"


def run(demo: Demo) -> dict[str, Any]:
    """Walk the main loop and return what happened."""
    demo.create_users()
    paid = demo.top_up()
    demo.record()
    first = demo.push()
    passes = [demo.aggregate()]
    demo.record_late()
    second = demo.push()
    passes.append(demo.aggregate())
    again = demo.push()
    assert not any(push["buckets"] for push in again), again
    facts = demo.facts(first)
    pushes = first + second
    commits = demo.forge_commits()
    return {
        "records_delivered": demo.delivered,
        "records": sum(one["records_new"] for one in passes),
        "buckets": facts["buckets"],
        "commits": commits,
        "pushed_records": sum(push["records"] for push in pushes),
        "paid_in": paid["credited"],
        "charges": sum(one["transfers"] for one in passes),
        "balances": {sid: wallet["balance"] for sid, wallet in facts["wallets"].items()},
        "books_balanced": facts["books"]["balanced"],
        "facts": facts,
    }


def print_table(happened: dict[str, Any], seconds: float) -> None:
    """Say what happened, a line each."""
    given = credited()
    rows = {
        "paid in": f"{dollars(happened['paid_in'])} by card, credited once",
        "records": f"{happened['records']} billed of {happened['records_delivered']} deliveries",
        "buckets": f"{happened['buckets']} files, one for each node and hour",
        "commits": f"{happened['commits']} on the forge",
        "charges": f"{happened['charges']} transfers",
        **{
            f"balance {sid}": f"{dollars(given[sid])} -> {dollars(balance)}"
            for sid, balance in happened["balances"].items()
        },
        "books": "balanced" if happened["books_balanced"] else "NOT BALANCED",
        "time": f"{seconds:.1f} s",
    }
    print()
    for name, text in rows.items():
        print(f"  {name:<16} {text}")
    print(flush=True)


def main() -> int:
    """Run the demonstration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="check, print JSON and exit")
    arguments = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hero-demo-") as folder, ExitStack() as stack:
        demo = Demo(Path(folder), stack, fixed_ports=not arguments.check)
        happened = run(demo)
        seconds = time.monotonic() - begun
        if arguments.check:
            return report(demo, happened, seconds)
        print_table(happened, seconds)
        print(f"The site is at http://localhost:{SITE_PORT}, the operator's page at")
        print(f"http://localhost:{ADMIN_PORT} (admin secret: {demo.centre.secret}).")
        print("Ctrl-C ends it all.", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("\nStopping.")
    return 0


def report(demo: Demo, happened: dict[str, Any], seconds: float) -> int:
    """Check from outside and print one JSON object."""
    facts = happened.pop("facts")
    files = demo_check.read_repository(demo.clone_address, demo.token)
    problems = demo_check.check(files, facts)
    if happened["records"] != len(facts["sent"]):
        problems.append(f"{happened['records']} records were billed of {len(facts['sent'])} sent")
    print(json.dumps({"ok": not problems, "problems": problems, **happened, "seconds": seconds}))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
