"""Files of settings are read as records that name their sections; other languages as they are."""

import time
from pathlib import Path

import pytest
from reading_parts import read

WIREGUARD = "[Interface]\nAddress = 10.0.0.1/24\n\n[Peer]\n# Ada\nPublicKey = abc=\n[Peer]\nPublicKey = def=\n"
GIT = '[remote "origin"]\n\turl = https://a.example/b.git\n\tfetch = a\n\tfetch = b\n[core]\n\tbare = false\n'
SETUP = "[options]\ninstall_requires =\n    anyio>=4\n    # later: b\n    httpx\npython_requires = >=3.10\n\n[empty]\n"
SYSTEMD = "[Service]\nExecStart=/bin/pump \\\n    --slow\nEnvironment=A=1\n"
WINDOWS = "; written by X\r\n[Paths]\r\nData=C:\\data\\\r\nLog=D:\\log\r\nMode\r\n"
HEADLESS = (
    "max_connections = 100  # more need memory\nport: 5432\n[b]\nurl: http://a.example:80/?c=d\n"
)
NGINX = "server {\n  listen 80;\n  # closed\n}\n"
APACHE = "<VirtualHost *:80>\n  ServerName a.example\n</VirtualHost>\n"


@pytest.mark.parametrize("suffix", ["ini", "cfg", "conf"])
@pytest.mark.parametrize(
    ("source", "records"),
    [
        (WIREGUARD, ["Interface.Address: 10.0.0.1/24", "Peer.PublicKey: abc=", "Peer.PublicKey: def="]),
        (GIT, ['remote "origin".url: https://a.example/b.git\nremote "origin".fetch: a\nremote "origin".fetch: b', "core.bare: false"]),
        (SETUP, ["options.install_requires: anyio>=4\nhttpx\noptions.python_requires: >=3.10"]),
        (SYSTEMD, ["Service.ExecStart: /bin/pump --slow\nService.Environment: A=1"]),
        (WINDOWS, ["Paths.Data: C:\\data\\\nPaths.Log: D:\\log\nPaths: Mode"]),
        (HEADLESS, ["max_connections: 100  # more need memory", "port: 5432", "b.url: http://a.example:80/?c=d"]),
        (NGINX, [NGINX]),
        (APACHE, [APACHE]),
        ("Port 22\nPermitRootLogin no\n", ["Port 22\nPermitRootLogin no\n"]),
    ],
)  # fmt: skip
def test_each_section_is_a_record(
    tmp_path: Path, suffix: str, source: str, records: list[str]
) -> None:
    extracted = read(tmp_path, f"a.{suffix}", source)
    assert extracted.text.split("\n\n") == records
    assert extracted.notes == ()


@pytest.mark.parametrize(
    ("name", "source", "records", "notes"),
    [
        ("a.properties", "# x\n! y\ngreeting=Gr\\u00fc\\u00dfe \\ud83d\\ude00\nfee : 4\nname Ada\n", ["greeting: Grüße 😀", "fee: 4", "name: Ada"], ()),
        ("a.properties", "days=Monday, \\\n    Friday\npath=C:\\\\data\\\\\na\\ b\\:c=1\nnone=\n", ["days: Monday, Friday", "path: C:\\data\\", "a b:c: 1"], ()),
        ("a.properties", "colours=\\\n  #ff0000,\\\n  #00ff00\n# a remark \\\nport=80\n", ["colours: #ff0000,#00ff00", "port: 80"], ()),
        ("a.properties", "a=1\na=2\n", ["a: 2"], ("the first value of a, which is given again",)),
    ],
)  # fmt: skip
def test_each_setting_without_a_section_is_a_record(
    tmp_path: Path, name: str, source: str, records: list[str], notes: tuple[str, ...]
) -> None:
    extracted = read(tmp_path, name, source)
    assert extracted.text.split("\n\n") == records
    assert extracted.notes == notes


@pytest.mark.parametrize(
    "line", ["[" * 200_000, f"[a{'] ' * 200_000}x", f"a{' ' * 200_000}b", ": " * 200_000]
)
def test_odd_lines_take_no_time(tmp_path: Path, line: str) -> None:
    start = time.process_time()
    assert len(read(tmp_path, "a.ini", f"{line}\nb = 1\n").text) > 200_000
    assert time.process_time() - start < 5
