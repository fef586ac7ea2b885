"""Documents of buckets, sites and databases are ingested as those of folders, each read once.

The bucket is a moto server that s3fs speaks to, site and database are real ones of this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from index_parts import bring, documents, found, open_store, take, write_files
from site_parts import served

from app.errors import UserError
from app.index.store import HybridVectorStore
from app.ingest.addresses import Address
from app.ingest.sources.choice import places_of
from app.ingest.sources.web import is_of_site

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture
def store(tmp_path: Path) -> HybridVectorStore:
    return open_store(tmp_path / "index")


def kept_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


# Any file system of fsspec's


@pytest.fixture
def memory() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    files.pipe({"/docs/a.txt": b"alpha", "/docs/sub/b.md": b"# Title\n\nbeta"})
    yield files
    files.store.clear()


def test_files_elsewhere_are_added_changed_moved_and_pruned_like_those_of_a_folder(
    store: HybridVectorStore, memory: Any, tmp_path: Path
) -> None:
    memory.pipe({"/docs/.hidden/c.txt": b"x", "/docs/old.zip": b"x", "/docs/p.png": b"x"})
    first = take(store, "memory://docs")
    assert (first.added, first.left_out) == (
        ["a.txt", "sub/b.md"],
        {"hidden": 1, "archive that is not on this machine": 1, ".png": 1},
    )
    assert store.documents()["sub/b.md"][0] == "memory://docs"
    memory.pipe("/docs/a.txt", b"delta")
    memory.mv("/docs/sub/b.md", "/docs/c.md")
    second = take(store, "memory://docs/")
    assert (second.changed, second.renamed, second.embedded) == (["a.txt"], {"sub/b.md": "c.md"}, 1)
    bring(store, write_files(tmp_path / "files", {"local.txt": "gamma"}))
    memory.rm("/docs/c.md")
    assert take(store, "memory://docs").removed == ["c.md"]
    assert documents(store) == {"a.txt", "local.txt"}
    assert found(store, "delta") == ["delta"]


def test_what_has_not_changed_is_not_read_again(
    store: HybridVectorStore, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, "memory://docs")
    opened: list[str] = []
    open_file = type(memory)._open

    def note(files: Any, path: str, *given: Any, **how: Any) -> Any:
        opened.append(path)
        return open_file(files, path, *given, **how)

    monkeypatch.setattr(type(memory), "_open", note)
    assert take(store, "memory://docs").unchanged == ["a.txt", "sub/b.md"]
    assert opened == []
    memory.pipe("/docs/a.txt", b"delta")
    opened.clear()
    assert take(store, "memory://docs").changed == ["a.txt"]
    assert opened == ["/docs/a.txt"]


def test_one_file_is_named_alone_and_prunes_no_other(
    store: HybridVectorStore, memory: Any, tmp_path: Path
) -> None:
    take(store, "memory://docs")
    memory.pipe("/docs/a.txt", b"delta")
    report = take(store, "memory://docs/a.txt")
    assert (report.changed, report.removed) == (["a.txt"], [])
    bring(store, write_files(tmp_path / "files", {"a.txt": "gamma"}))
    assert documents(store) == {"a.txt", "sub/b.md", "files/a.txt"}


def test_what_is_too_large_empty_or_nowhere_is_told_and_prunes_nothing(
    store: HybridVectorStore, memory: Any
) -> None:
    memory.pipe("/docs/large.txt", b"word " * 30_000)
    assert take(store, "memory://docs").skipped["large.txt"].startswith("is larger than 0.1 MB")
    before = documents(store)
    for url, told in (
        ("memory://nothing", "lists no file"),
        ("nowhere://docs", "cannot be listed"),
        ("simplecache::memory://docs", "is a chain of URLs"),
    ):
        with pytest.raises(UserError, match=told):
            take(store, url)
    memory.store.clear()
    with pytest.raises(UserError, match="lists no file"):
        take(store, "memory://docs")
    assert documents(store) == before


def test_what_only_opens_a_url_is_not_told() -> None:
    address = Address("ftp://us%65r:se%63ret@host:21/docs/?token=abc#x")
    assert address.told == "ftp://host:21/docs"
    error = "login use r user:secret@host failed: us%65r:se%63ret se%63ret secret token=abc"
    assert address.redacted(error) == "login use r ***@host failed: *** *** *** ***"
    assert Address("github://org:repo@main/docs", names_users=False).told.startswith(
        "github://org:repo@main"
    )
    with pytest.raises(UserError, match=r"two URLs name https://host/a\.pdf: they differ only"):
        places_of(["https://host/a.pdf?sig=1", "https://host/a.pdf?sig=2"])


SIGNED = "https://us:p%2a@host/a.pdf?se=2026-01-01T00%3A00%3A00Z&sig=ab%2fcd%2B%3D"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (f"404, url='{SIGNED}'", "404, url='https://***@host/a.pdf?***'"),
        ("404, url='https://host/a.pdf?se=2026-01-01T00:00:00Z&sig=ab/cd%2B%3D' (gone)",
         "404, url='https://host/a.pdf?***' (gone)"),
        ("url=URL('https://us:p*@host/a.pdf?sig=ab/cd%2B%3D')",
         "url=URL('https://***@host/a.pdf?***')"),
        ("moved to HTTPS://other/b?X-Amz-Credential=AKIA/1&X-Amz-Signature=0f.",
         "moved to HTTPS://other/b?***."),
        ("moved to https://a:b@other/c#access_token=d", "moved to https://***@other/c#***"),
        ("asked https://host/a.pdf, then mail@host; why? #1",
         "asked https://host/a.pdf, then mail@host; why? #1"),
    ],
)  # fmt: skip
def test_an_error_names_urls_without_what_only_opens_them(error: str, told: str) -> None:
    assert Address(SIGNED).redacted(error) == told
    branch = "github://org:repo@main/docs lists nothing"
    assert Address("github://org:repo@main/docs", names_users=False).redacted(branch) == branch


def test_a_page_that_is_gone_tells_nothing_of_its_signature(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    with served(tmp_path) as (host, _):
        page = f"http://{host}/gone.pdf?se=00%3A00%3A00Z&sig=ab%2Fcd%3D"
        with pytest.raises(UserError) as told:
            take(store, page)
    assert f"url='http://{host}/gone.pdf?***'" in str(told.value)
    assert "ab" not in str(told.value).partition("?")[2]


# A bucket


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "the-key-of-the-bucket",
        "AWS_SECRET_ACCESS_KEY": "the-secret-of-the-bucket",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    files = fsspec.filesystem("s3", skip_instance_cache=True)  # as another machine's would be
    files.mkdir("shelf")
    yield files
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    server.stop()


def test_a_bucket_is_kept_current_and_its_keys_are_kept_nowhere(
    store: HybridVectorStore, bucket: Any, tmp_path: Path
) -> None:
    bucket.pipe({"shelf/docs/a.txt": b"alpha", "shelf/docs/b.md": b"beta"})
    assert take(store, "s3://shelf/docs").added == ["a.txt", "b.md"]
    assert take(store, "s3://shelf/docs").unchanged == ["a.txt", "b.md"]
    bucket.pipe("shelf/docs/a.txt", b"delta")
    bucket.rm("shelf/docs/b.md")
    report = take(store, "s3://shelf/docs")
    assert (report.changed, report.removed) == (["a.txt"], ["b.md"])
    assert b"of-the-bucket" not in kept_bytes(tmp_path)


# A web server


def sitemap(host: str, *pages: tuple[str, str]) -> str:
    urls = "".join(
        f"<url><loc>http://{host}/{page}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</url>"
        for page, at in pages
    )
    urls += "<url><loc>http://169.254.169.254/keys</loc></url>"
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def test_a_site_is_read_by_its_sitemaps_and_only_what_changed_again(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    site = write_files(tmp_path / "site", {"a.html": "<p>alpha</p>", "b/index.html": "<p>beta</p>"})
    with served(site) as (host, asked):
        index = f"<sitemapindex><sitemap><loc>http://{host}/one.xml</loc></sitemap></sitemapindex>"
        one = sitemap(host, ("a.html", "2026-01-01"), ("b/", ""))
        write_files(site, {"sitemap.xml": index, "one.xml": one})
        url = f"sitemap+http://{host}/sitemap.xml"
        first = take(store, url)
        assert (first.added, first.left_out) == (["a.html", "b/"], {"page of another site": 1})
        assert found(store, "beta") == ["beta"]
        asked.clear()
        assert take(store, url).unchanged == ["a.html", "b/"]
        assert [line for line in asked if "xml" not in line] == ["HEAD /b/"]
        write_files(site, {"a.html": "<p>delta</p>"})
        write_files(site, {"one.xml": sitemap(host, ("a.html", "2026-01-02"))})
        second = take(store, url)
        assert (second.changed, second.removed) == (["a.html"], ["b/"])
        write_files(site, {"one.xml": "<html/>"})
        with pytest.raises(UserError, match="is no sitemap, but XML that begins with <html>"):
            take(store, url)
        write_files(site, {"sitemap.xml": index.replace(host, "169.254.169.254")})
        with pytest.raises(UserError, match=r"leads to http://169.*, which is of another site"):
            take(store, url)
    assert documents(store) == {"a.html"}


@pytest.mark.parametrize("changed", ["2026-01-01", ""])
def test_pages_and_sitemaps_that_moved_to_another_host_are_not_asked_for_there(
    store: HybridVectorStore, tmp_path: Path, changed: str
) -> None:
    keys = write_files(tmp_path / "keys", {"keys.html": "<p>secret</p>", "map.xml": "<urlset/>"})
    site = write_files(tmp_path / "site", {"a.html": "<p>alpha</p>"})
    with served(keys) as (other, asked):
        out = f"http://{other}/keys.html?sig=signed"
        moved = {"out": out, "on": "/a.html", "round": "/out", "map": f"http://{other}/map.xml"}
        with served(site, **moved) as (host, _):
            pages = sitemap(host, *((page, changed) for page in ("a.html", "out", "on", "round")))
            index = f"<sitemapindex><sitemap><loc>http://{host}/map</loc></sitemap></sitemapindex>"
            write_files(site, {"pages.xml": pages, "index.xml": index})
            report = take(store, f"sitemap+http://{host}/pages.xml")
            with pytest.raises(UserError) as told:
                take(store, f"sitemap+http://{host}/index.xml")
            assert take(store, f"http://{host}/out").added == ["out"]  # which names no site
    reason = f"cannot be fetched (leads to http://{other}/{{}}, which is of another site)"
    page, nested = reason.format("keys.html"), reason.format("map.xml")
    assert report.added == ["a.html", "on"]
    assert report.skipped == {"out": page, "round": page}
    assert str(told.value) == f"sitemap+http://{host}/map {nested}: check its address"
    assert [line for line in asked if line.startswith("GET")] == ["GET /keys.html?sig=signed"]


@pytest.mark.parametrize(
    ("url", "site", "stays"),
    [
        ("http://host/a", "http://host/map.xml", True),
        ("http://HOST:80/a", "http://host/map.xml", True),
        ("https://host/a", "http://host/map.xml", True),
        ("http://host/a", "https://host/map.xml", False),
        ("https://host:8443/a", "http://host/map.xml", False),
        ("https://host/a", "http://host:8000/map.xml", False),
        ("https://host:8000/a", "http://host:8000/map.xml", True),
        ("http://www.host/a", "http://host/map.xml", False),
        ("http://host:9/a", "http://host/map.xml", False),
    ],
)
def test_a_site_is_left_for_another_host_or_port_but_not_for_a_safer_way(
    url: str, site: str, stays: bool
) -> None:
    assert is_of_site(url, site) == stays


def test_one_page_is_read_and_its_password_is_kept_nowhere(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    site = write_files(tmp_path / "site", {"private/a.html": "<p>alpha</p>"})
    with served(site) as (host, asked):
        page = f"http://us:very-secret@{host}/private/a.html?sig=signed"
        assert take(store, page).added == ["a.html"]
        asked.clear()
        assert take(store, page).unchanged == ["a.html"]
        assert {line.partition(" ")[0] for line in asked} == {"HEAD"}
        with pytest.raises(UserError, match="cannot be fetched") as caught:
            take(store, f"http://us:very-secret@{host}/gone.html?sig=signed")
    assert "very-secret" not in str(caught.value)
    assert "signed" not in str(caught.value)
    kept = kept_bytes(store.folder)
    assert b"very-secret" not in kept
    assert b"signed" not in kept


# A database


def test_rows_are_documents_that_are_asked_for_when_their_version_changes(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    sql = pytest.importorskip("sqlalchemy")
    engine = sql.create_engine(f"sqlite:///{tmp_path}/shop.db", poolclass=sql.NullPool)

    def run(*statements: str) -> None:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(sql.text(statement))

    run(
        "CREATE TABLE goods (id INTEGER, name TEXT, about TEXT, changed TEXT)",
        "INSERT INTO goods VALUES (1, 'alpha', 'An oar.', 'x'), (2, 'beta', NULL, 'x')",
    )
    query = tmp_path / "goods.sql"
    query.write_text("SELECT id, name, about, changed AS version FROM goods ORDER BY id;\n")
    url = f"sql+sqlite:///{tmp_path}/shop.db#{query}"
    assert take(store, url).added == ["goods/1.txt", "goods/2.txt"]
    assert found(store, "alpha") == ["id: 1\n\nname: alpha\n\nabout: An oar."]
    run("UPDATE goods SET name = 'gamma'")
    assert take(store, url).unchanged == ["goods/1.txt", "goods/2.txt"]
    assert take(store, url, rebuild=True).added == ["goods/1.txt", "goods/2.txt"]
    assert take(store, url).unchanged == ["goods/1.txt", "goods/2.txt"]
    run("UPDATE goods SET changed = 'y' WHERE id = 1", "DELETE FROM goods WHERE id = 2")
    report = take(store, url)
    assert (report.changed, report.removed) == (["goods/1.txt"], ["goods/2.txt"])
    query.write_text("SELECT id, name FROM goods UNION ALL SELECT 1, 'twice'")
    report = take(store, url)
    assert report.changed == ["goods/1.txt"]
    assert report.skipped["goods/1.txt"].startswith("has the name of another row")
    run("DELETE FROM goods")
    query.write_text("SELECT id, name FROM goods")
    for wrong, told in (
        (url, "gives no row: nothing was removed"),
        (url.partition("#")[0], "names no query: expected"),
        (f"{url}.gone", "cannot be read"),
        (f"sql+nowhere://us:very-secret@host/db#{query}", "cannot be read|needs SQLAlchemy"),
    ):
        with pytest.raises(UserError, match=told) as caught:
            take(store, wrong)
        assert "very-secret" not in str(caught.value)
    assert documents(store) == {"goods/1.txt"}
