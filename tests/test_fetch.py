"""Fetching: local copies, downloads from a server on this machine, pinned hashes, refusals."""

import hashlib
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from mixenv.runs import cache, catalogue, download, read_table
from mixenv.runs.catalogue import File, Source
from mixenv.runs.download import DownloadError
from mixenv.runs.fetch import HashError, fetch, locate, verify

ONE, TWO = b"first file\n", b"second file\n"


def pinned(path, content):
    return File(path, hashlib.sha256(content).hexdigest(), len(content))


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A source of two files, known at two commits, and an empty cache."""
    found = Source(
        "toy", "owner/name", ("new", "old"), "MIT", 2, "for tests",
        (pinned("data/one.csv", ONE), pinned("data/deep/two.csv", TWO)),
    )  # fmt: skip
    monkeypatch.setattr(catalogue, "catalogue", lambda: {"toy": found})
    monkeypatch.setenv("MIXENV_DATA", str(tmp_path / "cache"))
    return found


@pytest.fixture
def copies(tmp_path):
    """A local folder that holds both files under other folders than the repository's."""
    folder = tmp_path / "copies"
    (folder / "some" / "where").mkdir(parents=True)
    (folder / "one.csv").write_bytes(ONE)
    (folder / "some" / "where" / "two.csv").write_bytes(TWO)
    return folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def site(tmp_path, monkeypatch):
    """The folder that a server on this machine shows at the raw addresses."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/{{commit}}/{{path}}"
    monkeypatch.setattr(catalogue, "_RAW", address)
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


def publish(site, commit, one=ONE, two=TWO):
    (site / commit / "data" / "deep").mkdir(parents=True)
    (site / commit / "data" / "one.csv").write_bytes(one)
    (site / commit / "data" / "deep" / "two.csv").write_bytes(two)


def test_a_folder_is_searched_and_copied_without_network(toy, copies, monkeypatch):
    monkeypatch.setattr(download, "_pooch", pytest.fail)
    paths = fetch("toy", source=copies)
    assert [path.read_bytes() for path in paths] == [ONE, TWO]
    assert [path.parent for path in paths] == [cache.cache_dir() / "toy"] * 2
    assert locate("toy") == paths
    assert all(check.ok for check in verify("toy"))
    assert sorted(p.name for p in paths[0].parent.iterdir()) == ["one.csv", "two.csv"]


def test_a_clone_of_the_repository_is_a_source(toy, tmp_path):
    publish(tmp_path, "clone")
    (tmp_path / "clone" / "two.csv").write_bytes(b"a namesake")
    expected = [tmp_path / "clone" / file.path for file in toy.files]
    assert locate("toy", source=tmp_path / "clone") == expected


def test_fetching_from_the_cache_itself_changes_nothing(toy, copies):
    paths = fetch("toy", source=copies)
    assert fetch("toy", source=paths[0].parent) == paths
    assert [path.read_bytes() for path in paths] == [ONE, TWO]


def test_the_only_file_of_a_source_may_have_another_name(tmp_path, monkeypatch):
    single = Source("toy", "a/b", ("c",), "MIT", 1, "", (pinned("data/one.csv", ONE),))
    monkeypatch.setattr(catalogue, "catalogue", lambda: {"toy": single})
    renamed = tmp_path / "renamed"
    renamed.write_bytes(ONE)
    assert locate("toy", source=renamed) == [renamed]


def test_a_copy_of_another_hash_is_refused_unless_trusted(toy, copies):
    (copies / "one.csv").write_bytes(b"changed")
    with pytest.raises(HashError, match=r"one\.csv: expected sha256 [0-9a-f]{64}, got .*--trust"):
        fetch("toy", source=copies)
    with pytest.raises(HashError, match="expected sha256"):
        locate("toy", source=copies)
    assert fetch("toy", source=copies, trust=True)[0].read_bytes() == b"changed"
    assert [check.ok for check in verify("toy")] == [False, True]
    assert locate("toy", source=copies, trust=True)[0] == copies / "one.csv"


def test_a_source_without_the_file_is_refused(toy, copies):
    (copies / "some" / "where" / "two.csv").unlink()
    message = r"toy: expected data/deep/two\.csv .*or two\.csv.* got no such file; run .*--source"
    with pytest.raises(FileNotFoundError, match=message):
        fetch("toy", source=copies)
    with pytest.raises(FileNotFoundError, match=r"expected data/one\.csv"):
        fetch("toy", source=copies / "absent")


def test_files_that_are_not_there_name_the_command(toy):
    for ask in (locate, verify):
        with pytest.raises(FileNotFoundError, match=r"one\.csv .*run `mixenv data fetch toy`"):
            ask("toy")


def test_a_download_is_kept_and_not_repeated(toy, site):
    publish(site, "new")
    paths = fetch("toy", progress=False)
    assert [path.read_bytes() for path in paths] == [ONE, TWO]
    for path in (site / "new" / "data").rglob("*.csv"):
        path.unlink()
    assert fetch("toy", progress=False) == paths


def test_a_damaged_cached_file_is_downloaded_again(toy, site):
    publish(site, "new")
    fetch("toy", progress=False)[0].write_bytes(b"damaged")
    assert fetch("toy", progress=False)[0].read_bytes() == ONE


def test_the_second_commit_is_tried(toy, site):
    publish(site, "new", one=b"other content")
    publish(site, "old")
    assert [path.read_bytes() for path in fetch("toy", progress=False)] == [ONE, TWO]


def test_a_download_of_another_hash_is_refused_unless_trusted(toy, site):
    publish(site, "new", one=b"other content")
    with pytest.raises(DownloadError, match=r"sha256 is not the pinned one.*/old/.*HTTPError"):
        fetch("toy", progress=False)
    assert not (cache.cache_dir() / "toy" / "one.csv").exists()
    assert fetch("toy", trust=True, progress=False)[0].read_bytes() == b"other content"
    assert fetch("toy", trust=True, progress=False)[0].read_bytes() == b"other content"


def test_a_progress_bar_is_shown(toy, site, capsys):
    publish(site, "new")
    fetch("toy")
    assert "100%" in capsys.readouterr().err


def test_without_network_one_line_says_what_to_run(toy, monkeypatch):
    monkeypatch.setattr(catalogue, "_RAW", "http://127.0.0.1:9/{commit}/{path}")
    with pytest.raises(DownloadError) as caught:
        fetch("toy", progress=False)
    message = str(caught.value)
    assert "\n" not in message
    assert "http://127.0.0.1:9/new/data/one.csv (ConnectionError)" in message
    assert "`mixenv data fetch toy --source PATH`" in message


def test_the_places_of_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MIXENV_DATA", "~/mine")
    assert cache.cache_dir().name == "mine"
    assert "~" not in str(cache.cache_dir())
    monkeypatch.delenv("MIXENV_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache.cache_dir() == tmp_path / "mixenv"
    monkeypatch.setattr(sys, "platform", "win32")
    assert cache.cache_dir() == tmp_path / "mixenv" / "Cache"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache.cache_dir().parts[-3:] == ("Library", "Caches", "mixenv")


def test_unknown_names_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("MIXENV_DATA", str(tmp_path))
    with pytest.raises(ValueError, match="expected a source among slimpajama-472"):
        fetch("pile")
    with pytest.raises(ValueError, match="expected a source among slimpajama-472"):
        read_table("pile")
    with pytest.raises(
        ValueError, match=r"expected a run table among .*, got 'published-simulator'"
    ):
        read_table("published-simulator")
    for name in ("slimpajama-472", "regmix"):
        with pytest.raises(FileNotFoundError, match=f"run `mixenv data fetch {name}`"):
            read_table(name)


def python(code, **environment):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_pooch_is_needed_for_downloads_only(tmp_path):
    code = (
        "import sys; sys.modules['pooch'] = None\n"
        "from mixenv.runs.fetch import fetch\n"
        "try: fetch('regmix')\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    done = python(code, MIXENV_DATA=str(tmp_path))
    assert 'pip install "mixenv[bench]"' in done.stdout, done.stderr
    assert "`mixenv data fetch regmix --source PATH`" in done.stdout


def test_importing_the_readers_imports_no_extra():
    code = (
        "import sys, mixenv.runs, mixenv.runs.fetch, mixenv.runs.checkpoint\n"
        "print({'jax', 'torch', 'pooch', 'click', 'rich'} & set(sys.modules))"
    )
    assert python(code).stdout.strip() == "set()"


@pytest.mark.reference
@pytest.mark.parametrize("name", ["published-simulator", "slimpajama-7", "regmix", "admire"])
def test_the_reference_copies_are_sources(name, reference, monkeypatch, tmp_path):
    monkeypatch.setenv("MIXENV_DATA", str(tmp_path))
    fetch(name, source=reference)
    assert all(check.ok for check in verify(name))
    if name == "regmix":
        assert len(locate(name, source=reference / "runs" / "regmix")) == 8
