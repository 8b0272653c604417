"""Files for nobody else on this machine to read: what was read of an account stands in them."""

from pathlib import Path


def directory(path: Path) -> Path:
    """Return the directory, which is made if it is not there; one that is there stays as open as it is."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def file(path: Path) -> Path:
    """Return the file, which is there now, and private even if a former one was not."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    return path
