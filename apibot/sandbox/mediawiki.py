"""The installed MediaWiki program: where it is, how it is installed into a folder, run and served."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apibot.core.errors import SandboxError
from apibot.sandbox.processes import mark
from apibot.sandbox.state import DATA, ID_VARIABLE

_FOLDERS = ("/usr/share/mediawiki", "/var/lib/mediawiki")
"""Where MediaWiki is looked for after the environment variable APIBOT_MEDIAWIKI."""
_PACKAGES = "mediawiki php-cli php-sqlite3 php-intl php-mbstring php-xml php-apcu php-curl php-gd"
_EXTENSIONS = ("apcu", "dom", "intl", "mbstring", "pdo_sqlite", "xmlreader")
"""PHP extensions without which a sandbox does not come up."""
_HELP = f"Install what is missing: apt-get install --no-install-recommends {_PACKAGES}"
HERE = Path(__file__).parent
_WORKERS = 4
"""Processes that answer requests."""
_SETTINGS = """
# Added by Apibot.
$wgArticlePath = '/wiki/$1';
$wgUploadPath = '/images';
$wgUploadDirectory = __DIR__ . '/data/images';
$wgTmpDirectory = __DIR__ . '/data/tmp';
$wgCacheDirectory = __DIR__ . '/data/cache';
$wgEnableUploads = true;
$wgUseImageMagick = false; # thumbnails come from php-gd, on every machine the same
$wgEnableEmail = false;
$wgShowExceptionDetails = true;
$wgJobRunRate = 0; # jobs are run on demand, so that a test knows when they are done
$wgMiserMode = false; # query pages are always fresh
$wgMainCacheType = CACHE_ACCEL;
$wgCachePrefix = '%(prefix)s';
$wgSessionCacheType = CACHE_DB; # sessions outlive that the main cache is cleared
$wgGroupPermissions['bot']['noratelimit'] = true; # as on Wikimedia's wikis
$wgDBservers = [ [
	'type' => 'sqlite', 'dbname' => $wgDBname, 'host' => '', 'user' => '', 'password' => '', 'load' => 1,
	'flags' => DBO_DEFAULT, 'dbDirectory' => $wgSQLiteDataDir, 'trxMode' => 'IMMEDIATE',
	# Readers do not wait for writers; nothing here has to outlive a power cut.
	'variables' => [ 'journal_mode' => 'WAL', 'synchronous' => 'OFF' ],
] ];
wfLoadExtension( 'ParserFunctions' );
# Extra settings.
"""


@dataclass(frozen=True)
class MediaWiki:
    """An installed MediaWiki program."""

    folder: Path
    php: str
    """Path of the PHP command."""

    @property
    def version(self) -> str:
        """Return its version, like ``1.39.17``."""
        found = re.search(r"'MW_VERSION', '([^']+)'", (self.folder / "includes" / "Defines.php").read_text())
        return found[1] if found else "unknown"

    def check(self) -> None:
        """Raise SandboxError if PHP lacks something that MediaWiki needs here."""
        listing = subprocess.run([self.php, "-m"], capture_output=True, text=True, check=False).stdout
        if missing := [name for name in _EXTENSIONS if name not in listing.lower().split()]:
            msg = f"PHP lacks {', '.join(missing)}. {_HELP}"
            raise SandboxError(msg)

    def environ(self, state: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Return the environment in which its scripts work on the wiki in a state folder."""
        config = str(state / "LocalSettings.php")
        return {**environ, "MW_CONFIG_FILE": config, "MW_INSTALL_PATH": str(self.folder)}

    def run(self, state: Path, script: str, *arguments: str, text: str | None = None) -> str:
        """Run a maintenance script on the wiki in a state folder and return what it wrote to stdout.

        Parameters: ``script``, its file name in the folder maintenance, its path in the folder of MediaWiki, or an
        absolute path; ``arguments``, its arguments; ``text``, its standard input.
        Raises SandboxError if there is no such script or it ends with an error.
        """
        done = subprocess.run(
            [self.php, "-d", mark(state), str(self._script(script)), *arguments],
            env=self.environ(state),
            input=text or "",
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip() or "nothing"
            msg = f"MediaWiki's {Path(script).name} failed with exit status {done.returncode}. It said: {brief(said)}"
            raise SandboxError(msg)
        return done.stdout

    def install(self, state: Path, *, name: str, url: str, sysop: str, password: str, settings: str) -> None:
        """Make a new wiki in a state folder.

        Parameters: ``name``, of the wiki; ``url``, its address; ``sysop`` and ``password``, its first account;
        ``settings``, PHP lines put at the end of LocalSettings.php.
        """
        for part in ("images", "tmp", "cache"):
            (state / DATA / part).mkdir(parents=True)
        passfile = state / "passfile"  # not an argument: those can be seen by everyone on the machine
        passfile.touch(0o600)
        passfile.write_text(password)
        options = {"dbtype": "sqlite", "dbpath": f"{state / DATA}", "dbname": "sandbox", "confpath": f"{state}"}
        options |= {"server": url, "scriptpath": "", "passfile": f"{passfile}"}
        flags = [f"--{key}={value}" for key, value in options.items()]
        self.run(state, "install.php", *flags, f"Sandbox {name}", sysop)
        passfile.unlink()
        config = state / "LocalSettings.php"
        config.chmod(0o600)
        with config.open("a", encoding="utf-8") as file:
            file.write(_SETTINGS % {"prefix": f"{name}-{secrets.token_hex(4)}"} + settings + "\n")

    def server(self, state: Path, port: int) -> list[str]:
        """Return the command that serves the wiki in a state folder."""
        options = [mark(state), "opcache.enable_cli=1", "apc.enable_cli=1", "apc.shm_size=128M"]
        flags = [part for option in options for part in ("-d", option)]
        return [self.php, "-q", *flags, "-S", f"127.0.0.1:{port}", "-t", str(self.folder), str(HERE / "router.php")]

    def server_environ(self, state: Path, identity: str) -> dict[str, str]:
        """Return the environment for that command; ``identity`` tells this sandbox from others."""
        return {**self.environ(state), "PHP_CLI_SERVER_WORKERS": str(_WORKERS), ID_VARIABLE: identity}

    def _script(self, script: str) -> Path:
        for path in (self.folder / "maintenance" / script, self.folder / script):
            if path.is_file():
                return path
        msg = f"MediaWiki in {self.folder} has no maintenance script {script!r}."
        raise SandboxError(msg)


def brief(said: str) -> str:
    """Return what PHP or MediaWiki said in one line, without the stack."""
    return " ".join(re.split(r"Backtrace:|Stack trace:", said)[0].split())[:400]


def find(environ: Mapping[str, str] = os.environ) -> MediaWiki:
    """Find PHP and MediaWiki on this machine; raises SandboxError with what to install."""
    if os.name != "posix":
        msg = "A sandbox needs Linux or another Unix. On Windows, use it inside WSL."
        raise SandboxError(msg)
    php = shutil.which("php", path=environ.get("PATH"))
    if php is None:
        msg = f"PHP is missing here. {_HELP}"
        raise SandboxError(msg)
    given = environ.get("APIBOT_MEDIAWIKI")
    places = [given] if given else _FOLDERS
    folder = next((Path(place) for place in places if (Path(place) / "api.php").is_file()), None)
    if folder is None:
        msg = f"MediaWiki is missing here: no api.php in {' or '.join(places)}. {_HELP}"
        raise SandboxError(msg)
    return MediaWiki(folder.absolute(), php)


__all__ = ["HERE", "MediaWiki", "brief", "find"]
