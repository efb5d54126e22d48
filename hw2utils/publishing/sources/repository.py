"""The address of the book's repository, in one place, ``_config.yml``, and what is written there from it.

Of it are made the first cells of the chapters, which install from there, and the buttons of the pages that
open a chapter on Binder and on Colab; without an address there are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from hw2utils._files import written_whole
from hw2utils.publishing.sources.findings import Finding, Place
from hw2utils.reporting.catalogue import NotebookError

FILE = "_config.yml"
"""Where the address stands, below the book's root."""

BRANCH = "main"
"""The branch that buttons open unless another is named."""

_HOSTS = ("github", "gitlab", "bitbucket")  # those whose names the theme knows
_BUTTONS = {
    "notebook_interface": "jupyterlab",
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
}
_EXAMPLE = "https://github.com/OWNER/NAME"
_LINES = {name: re.compile(rf"(?m)^(?:# ?)?{name}:.*$") for name in ("launch_buttons", "repository")}
_REMEDY = "hw2 repository URL writes both"


def checked_address(address: object) -> str:
    """Give the address of a repository as it is written everywhere, without ``.git`` and a last slash.

    Raises NotebookError for what is no public address on one of the hosts that the pages' buttons know.

    >>> checked_address("https://github.com/a/b.git/")
    'https://github.com/a/b'
    """
    wanted = f"repository: expected an address such as {_EXAMPLE}, got {address!r}"
    if not isinstance(address, str):
        raise NotebookError(f"{wanted}; write it as text")
    if over_ssh := re.fullmatch(r"(?:ssh://)?git@([\w.-]+)[:/]([\w./-]+)", address):
        raise NotebookError(f"{wanted}; readers have no key: give https://{over_ssh[1]}/{over_ssh[2]}")
    parts = urlsplit(address)
    if parts.scheme != "https":
        raise NotebookError(f"{wanted}; begin it with https://")
    if not re.fullmatch(r"[a-z0-9.-]+", parts.netloc) or parts.query or parts.fragment:
        raise NotebookError(
            f"{wanted}; leave out names, passwords, ports, ? and #, and write the host in lower case"
        )
    if not any(host in parts.netloc for host in _HOSTS):
        raise NotebookError(f"{wanted}; the pages know repositories on GitHub, GitLab and Bitbucket")
    path = parts.path.strip("/").removesuffix(".git")
    if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+", path, re.ASCII) or "/-/" in path or "/tree/" in path:
        raise NotebookError(f"{wanted}; name the owner and the repository, and nothing below it")
    return f"https://{parts.netloc}/{path}"


def buttons(address: str) -> dict[str, str]:
    """Give the buttons for an address as ``_config.yml`` has them, none without one; Colab opens only GitHub.

    >>> buttons("https://gitlab.com/a/b")
    {'notebook_interface': 'jupyterlab', 'binderhub_url': 'https://mybinder.org'}
    """
    if not address:
        return {}
    on_github = urlsplit(address).netloc == "github.com"
    return {name: url for name, url in _BUTTONS.items() if on_github or name != "colab_url"}


def repository(root: Path) -> str:
    """Give the address of the book's repository as ``_config.yml`` has it, empty where it has none.

    Raises NotebookError where ``_config.yml`` cannot be read or the address is none.
    """
    file = root / FILE
    entry = _settings(file).get("repository")
    address = entry.get("url") if isinstance(entry, dict) else entry
    try:
        return "" if address is None else checked_address(address)
    except NotebookError as error:
        raise NotebookError(f"{file}: {error}") from None


def write_repository(root: Path, address: str, branch: str = BRANCH) -> bool:
    """Write an address and its buttons into ``_config.yml``, or take them out; tell whether that changed it.

    Raises NotebookError for an address or a branch that is none, and for a file without places for them.
    An empty address stands for none.
    """
    address = checked_address(address) if address else ""
    if not re.fullmatch(r"[\w./-]+", branch, re.ASCII):
        raise NotebookError(f"branch: expected the name of a branch such as {BRANCH}, got {branch!r}")
    file = root / FILE
    _settings(file)
    text = file.read_text(encoding="utf-8")
    lines = {
        "launch_buttons": _line("launch_buttons", buttons(address or _EXAMPLE)),
        "repository": _line("repository", {"url": address or _EXAMPLE, "branch": branch}),
    }
    changed = text
    for name, line in lines.items():
        line = line if address else f"# {line}"
        changed, count = _LINES[name].subn(line, changed)  # an address and a branch hold no backslash
        if count != 1:
            raise NotebookError(
                f"{file}: expected one line that begins with {name}: or # {name}:, got {count}; "
                f"write `# {name}: {{}}` where it should stand"
            )
    if changed == text:
        return False
    with written_whole(file) as draft:
        draft.write_text(changed, encoding="utf-8")
    return True


def without_buttons(config: str) -> str:
    r"""Give the text of ``_config.yml`` without buttons, which open the book's own chapters, solutions too.

    >>> without_buttons("title: x\nlaunch_buttons: {thebe: true}\n")
    'title: x\n# launch_buttons: {thebe: true}\n'
    """
    return _LINES["launch_buttons"].sub(lambda line: f"# {line[0].removeprefix('# ')}", config)


def check_repository(root: Path) -> Iterator[Finding]:
    """Find what ``_config.yml`` says otherwise in two places: an address without its buttons, or the reverse.

    Raises NotebookError where it cannot be read or holds no address.
    """
    file = root / FILE
    settings = _settings(file)
    wanted, got = buttons(repository(root)), settings.get("launch_buttons") or {}
    if got != wanted:
        text = file.read_text(encoding="utf-8")
        match = _LINES["launch_buttons"].search(text)
        place = Place(line=1).below(text[: match.start()]) if match else Place()
        yield Finding("repository", f"expected the buttons {wanted or 'none'}, got {got}", _REMEDY, place)
    entry = settings.get("repository")
    if wanted and not (isinstance(entry, dict) and entry.get("branch")):
        yield Finding(
            "repository", "an address without a branch, which buttons would take for master", _REMEDY
        )


def _line(name: str, values: dict[str, str]) -> str:
    told = ", ".join(
        f'{key}: "{value}"' if ":" in value else f"{key}: {value}" for key, value in values.items()
    )
    return f"{name}: {{{told}}}"


def _settings(file: Path) -> dict[str, Any]:
    try:
        settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise NotebookError(f"{file} is not valid YAML: {error}") from None
    return settings if isinstance(settings, dict) else {}
