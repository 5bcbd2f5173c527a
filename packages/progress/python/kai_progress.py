"""Lets kai watch a Python loop like a run of its own. Copy this file beside yours: standard library, Python 3.8 or newer.

    from kai_progress import Run, next_run_dir

    with Run(next_run_dir("runs", "my-search"), max_iterations=100) as run:
        for i in range(101):
            run.start(i)                     # optional: tells a long iteration from a stalled one
            score = evaluate(...)            # None, NaN: nothing that could be scored
            run.append(i, score, program_id=f"p{i}")

`kai monitor runs`, `kai viewer runs` and every reader of @kai/progress and @kai/run-state then show the run live. Leaving the
`with` block ends it as finished; an exception as failed, Ctrl-C as stopped; a process that dies leaves an interrupted run.
"""

import json
import math
import operator
import os
import re
import socket
import stat
import subprocess
import sys
import threading
import time
import weakref

__all__ = ["Run", "next_run_dir"]

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MAX_INTEGER = 2**53 - 1
_MIN_WRITE_GAP = 0.25
# Seconds that the clocks of two hosts may be apart, and a network disk late.
_HEARTBEAT_MARGIN = 30
# Two readings of one process's start differ by less: /proc/stat gives the boot time in whole seconds, ps the start.
_START_TOLERANCE = 2
_PHASES = ("proposing", "waiting", "evaluating")
_ENDS = ("finished", "stopped", "failed")


def next_run_dir(root, label):
    """Makes and returns `<root>/<label>/run_<n>` with the first free number; processes that do so at once never share one."""
    if not _LABEL.fullmatch(label) or label.endswith(".json"):
        raise ValueError(
            f"Could not use {label!r} as a label: it needs 1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first, no .json at the end."
        )
    parent = os.path.join(os.fspath(root), label)
    os.makedirs(parent, exist_ok=True)
    used = [int(name[4:]) for name in os.listdir(parent) if re.fullmatch(r"run_[0-9]{1,15}", name)]
    number = max(used, default=-1) + 1
    while True:
        path = os.path.join(parent, f"run_{number}")
        try:
            os.mkdir(path)
            return path
        except FileExistsError:
            number += 1


class Run:
    """One run: run.json with its heartbeat, and the feed progress.jsonl. Safe to use from several threads.

    A fork of the process may append to the feed too, as whole lines; each process then has a `best` of its own. Only the
    process that opened the run writes run.json: in a fork, `start` and `finish` change nothing on disk.

    run_dir         made if needed; refused (FileExistsError) when it holds a run, unless `resume` is set. Of several
                    processes that open one new directory at once, one gets it
    max_iterations  None: no limit
    direction       "maximize" or "minimize": which scores are better
    resume          goes on with the run that is there: its start time, best score and iteration are kept. Refused
                    (RuntimeError) while its process lives on this machine, suspended or not. A process that cannot be
                    seen from here (on another host, in another container) counts as gone once it is 30 s late with the
                    heartbeat that it promised in run.json, by this machine's clock
    on_error        called once with the first fault of the feed and once with the first of run.json; the loop goes on
    """

    def __init__(
        self,
        run_dir,
        label=None,
        max_iterations=None,
        direction=None,
        seed=None,
        workers=None,
        resume=False,
        on_error=None,
        heartbeat_seconds=5.0,
    ):
        if direction not in (None, "maximize", "minimize"):
            raise ValueError(f'Could not start a run: direction must be "maximize" or "minimize", found {direction!r}.')
        self.dir = os.path.abspath(os.fspath(run_dir))
        os.makedirs(self.dir, exist_ok=True)
        self._feed = os.path.join(self.dir, "progress.jsonl")
        self._manifest_path = os.path.join(self.dir, "run.json")
        is_new = not resume or not os.path.lexists(self._manifest_path)
        before = _read_object(self._manifest_path)
        if not resume and _holds_run(self.dir):
            raise _occupied(self.dir)
        _refuse_live(before, self.dir)
        #: Best score so far, in the run's direction; None while there is none.
        self.best = None
        #: Records that did not reach the feed.
        self.dropped = 0
        #: Writes of run.json that failed.
        self.failed_writes = 0
        self._on_error = on_error
        self._fd = None
        self._identity = None
        self._torn = False
        self._pid = os.getpid()
        self._temporary = f"{self._manifest_path}.{self._pid}.{os.urandom(6).hex()}.tmp"
        self._make_locks()
        self._changed = False
        self._ended = False
        self._minimize = (direction or before.get("direction")) == "minimize"
        self._heartbeat_seconds = heartbeat_seconds
        number = re.fullmatch(r"run_([0-9]{1,15})", os.path.basename(self.dir))
        try:
            started, ticks, _ = _find_process(self._pid) or (None, None, False)
        except Exception:
            started, ticks = None, None
        self._manifest = {
            "version": 1,
            "status": "running",
            "stop_reason": None,
            "error": None,
            "label": label or _fit_label(os.path.basename(os.path.dirname(self.dir))),
            "idx": int(number.group(1)) if number else 0,
            "seed": before.get("seed") if seed is None else seed,
            "iteration": 0,
            "max_iterations": before.get("max_iterations") if max_iterations is None else max_iterations,
            "direction": "minimize" if self._minimize else "maximize",
            "evaluator_sha256": before.get("evaluator_sha256"),
            "pid": self._pid,
            "host": socket.gethostname(),
            "process_started_at": started,
            "process_start_ticks": ticks,
            "boot_id": _boot_id(),
            "pid_namespace": _pid_namespace(),
            "started_at": before.get("started_at") or time.time(),
            "heartbeat_at": None,
            "next_heartbeat_by": None,
            "ended_at": None,
            "in_flight": [],
            "workers": workers,
        }
        if resume:
            self._take_over()
        if is_new:
            self._publish()
        else:
            self._replace_manifest()
        _runs.add(self)
        threading.Thread(target=self._keep, name="kai-heartbeat", daemon=True).start()

    def append(self, iter, score, program_id=None, model=None, ts=None, **extra):
        """Appends one completed iteration to the feed, as one write of one line. Never raises: see `dropped` and on_error.

        `iter` counts from 0 (the initial program). A score of None, NaN or infinity means: nothing that could be scored.
        """
        try:
            with self._feed_lock:
                self._append(iter, score, program_id, model, ts, extra)
        except Exception as error:
            self.dropped += 1
            if self.dropped == 1:
                self._report(error)

    def start(self, iter, phase="evaluating", slot=0):
        """Says that an iteration is under way ("proposing", "waiting" or "evaluating"); its append ends it. Never raises."""
        try:
            entry = {"slot": operator.index(slot), "iter": operator.index(iter), "phase": phase, "since": time.time()}
            if phase not in _PHASES or entry["slot"] < 0 or entry["iter"] < 0:
                raise ValueError(f"Could not say that iteration {iter!r} is under way in slot {slot!r}: {phase!r}.")
            with self._manifest_lock:
                others = [one for one in self._manifest["in_flight"] if one["slot"] != entry["slot"]]
                self._change(in_flight=others + [entry])
        except Exception as error:
            self._report_manifest(error)

    def finish(self, status="finished", stop_reason="closed", error=None):
        """Ends the run: "finished", "stopped" (by the user) or "failed" (with the error's text). Later calls do nothing."""
        if status not in _ENDS:
            raise ValueError(f"Could not end the run as {status!r}: expected one of {', '.join(_ENDS)}.")
        with self._manifest_lock:
            if self._ended:
                return
            self._ended = True
            self._manifest.update(
                status=status,
                stop_reason=stop_reason,
                error=None if error is None else str(error),
                ended_at=time.time(),
                in_flight=[],
            )
            self._write_manifest()
        with self._wake:
            self._wake.notify_all()
        with self._feed_lock:
            self._abandon()

    close = finish

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if kind is None or (issubclass(kind, SystemExit) and error.code in (None, 0)):
            self.finish()
        elif issubclass(kind, KeyboardInterrupt):
            self.finish("stopped", "user")
        else:
            self.finish("failed", "error", f"{kind.__name__}: {error}")

    def _make_locks(self):
        self._feed_lock = threading.RLock()
        self._manifest_lock = threading.RLock()
        self._wake = threading.Condition()

    def _enter_fork(self):
        """In the child of a fork: threads that held a lock are not there to release it, nor to end a line they began."""
        self._make_locks()
        self._abandon()

    # The feed

    def _append(self, iter, score, program_id, model, ts, extra):
        if self._ended:
            raise ValueError(f"Could not append to {self._feed}: the run was ended before.")
        number = operator.index(iter)
        if not 0 <= number <= _MAX_INTEGER:
            raise ValueError(f"Could not append to {self._feed}: iter must be a whole number from 0, found {iter!r}.")
        value = _finite(score)
        best = self.best
        if value is not None and (best is None or (value < best if self._minimize else value > best)):
            best = value
        line = {
            "iter": number,
            "score": value,
            "best": best,
            "program_id": None if program_id is None else str(program_id),
            "model": None if model is None else str(model),
            "ts": time.time() if ts is None else float(ts),
        }
        for name, field in extra.items():
            line.setdefault(name, _plain(field))
        self._write_line(json.dumps(line, allow_nan=False, separators=(",", ":")).encode("ascii"))
        self.best = best  # Only now: a score that is not in the feed must not stand as the best of the lines after it.
        with self._manifest_lock:
            in_flight = [one for one in self._manifest["in_flight"] if one["iter"] != number]
            self._change(iteration=max(self._manifest["iteration"], number), in_flight=in_flight)

    def _write_line(self, line):
        if self._fd is not None and (self._identity != _identity(self._feed) or self._identity != _identity(self._fd)):
            self._abandon()  # The feed was deleted or replaced, or the descriptor was closed elsewhere in this process.
        if self._fd is None:
            self._open()
        data = (b"\n" if self._torn else b"") + line + b"\n"
        try:
            written = os.write(self._fd, data)
        except OSError:
            self._abandon()
            raise
        if written < len(data):
            self._torn = self._torn or written > 0
            raise OSError(f"Could not append to {self._feed}: only {written} of {len(data)} bytes were written.")
        self._torn = False

    def _open(self):
        # Read access as well: the last byte tells whether a crash cut a line off, which the next line then seals.
        fd = os.open(self._feed, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise OSError(f"Could not append to {self._feed}: expected a file. Move away what is there.")
            self._torn = found.st_size > 0 and os.pread(fd, 1, found.st_size - 1) != b"\n"
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        self._identity = (found.st_dev, found.st_ino)

    def _abandon(self):
        fd, self._fd = self._fd, None
        self._torn = False
        if fd is None:
            return
        if _identity(fd) == self._identity:  # Otherwise it is somebody else's by now.
            try:
                os.close(fd)
            except OSError:
                pass

    def _take_over(self):
        """Takes best score and iteration from the feed that is there; what cannot be read in it is left out."""
        try:
            feed = open(self._feed, "rb")
        except FileNotFoundError:
            return
        with feed:
            for text in feed:
                try:
                    line = json.loads(text.decode("utf-8-sig"))
                    number, score = line["iter"], line["score"]
                    if type(number) is not int or isinstance(score, str) or not 0 <= number <= _MAX_INTEGER:
                        continue
                    score = _finite(score)
                except (ValueError, TypeError, KeyError):
                    continue
                self._manifest["iteration"] = max(self._manifest["iteration"], number)
                if score is not None and (
                    self.best is None or (score < self.best if self._minimize else score > self.best)
                ):
                    self.best = score

    # run.json

    def _change(self, **fields):
        self._manifest.update(fields)
        with self._wake:
            self._changed = True
            self._wake.notify_all()

    def _keep(self):
        """The heartbeat's thread: writes run.json when it changed, at most 4 times a second, and at every heartbeat."""
        while not self._ended:
            with self._wake:
                if not self._changed and not self._ended:
                    self._wake.wait(self._heartbeat_seconds)
                self._changed = False
            with self._manifest_lock:
                if self._ended:
                    return
                self._write_manifest()
            with self._wake:
                self._wake.wait_for(lambda: self._ended, _MIN_WRITE_GAP)

    def _write_manifest(self):
        # A fork of the process holds a copy of the run; only the process that the manifest names may speak for it.
        if os.getpid() != self._pid:
            return
        try:
            self._replace_manifest()
        except Exception as error:
            self._report_manifest(error)

    def _replace_manifest(self):
        try:
            self._write_temporary()
            os.replace(self._temporary, self._manifest_path)
        except BaseException:
            _remove(self._temporary)
            raise

    def _publish(self):
        """The first run.json of a directory, of which there can be only one. FileExistsError when another was first."""
        try:
            self._write_temporary()
            try:
                os.link(self._temporary, self._manifest_path)
            except FileExistsError:
                raise
            except (OSError, AttributeError, NotImplementedError):
                # No hard links here (FAT, some network disks): an empty file takes the place first.
                open(self._manifest_path, "x").close()
                os.replace(self._temporary, self._manifest_path)
        except FileExistsError:
            raise _occupied(self.dir) from None
        finally:
            _remove(self._temporary)

    def _write_temporary(self):
        now = time.time()
        self._manifest.update(heartbeat_at=now, next_heartbeat_by=now + 3 * self._heartbeat_seconds)
        with open(self._temporary, "w", encoding="utf-8") as file:
            file.write(json.dumps(_plain(self._manifest), indent=2, allow_nan=False) + "\n")

    def _report_manifest(self, error):
        self.failed_writes += 1
        if self.failed_writes == 1:
            self._report(error)

    def _report(self, error):
        try:
            if self._on_error is not None:
                self._on_error(error)
        except Exception:
            pass  # A listener that fails is as little a reason to end the loop as a file that cannot be written.


_runs = weakref.WeakSet()


def _enter_fork():
    for run in list(_runs):
        run._enter_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_enter_fork)


def _finite(score):
    """The score as a float; None for None, NaN and infinities. Takes what float() takes (numpy's numbers too), but no text."""
    if score is None:
        return None
    if isinstance(score, (str, bytes)):
        raise TypeError(f"Could not take {score!r} as a score: expected a number or None.")
    try:
        number = float(score)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _plain(value):
    """What JSON can say of a value: NaN and infinities as null, numpy's scalars as numbers, any other object as its text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return _plain(value.item())
    return str(value)


def _holds_run(run_dir):
    """Whether there is anything of a run to lose."""
    for name in ("run.json", "progress.jsonl", "programs.jsonl"):
        try:
            if os.path.getsize(os.path.join(run_dir, name)) > 0:
                return True
        except OSError:
            pass
    return os.path.isdir(os.path.join(run_dir, "checkpoints"))


def _occupied(run_dir):
    return FileExistsError(
        f"Could not start a run in {run_dir}: it already holds one. Use resume=True, or another directory."
    )


def _refuse_live(manifest, run_dir):
    """Refuses a run whose process lives, or cannot be seen from here and is not yet late: as @kai/run-state's openRun does."""
    if manifest.get("status") not in ("running", "waiting"):
        return
    fate = _fate_of_process(manifest)
    left = _number(manifest, "next_heartbeat_by", -math.inf) + _HEARTBEAT_MARGIN - time.time()
    if fate == "gone" or (fate is None and left < 0):
        return
    host = manifest.get("host")
    where = "on this machine" if host == socket.gethostname() else f"on {host}"
    what = f"Could not open the run in {run_dir}: process {manifest.get('pid')} {where}"
    if fate is None:
        wait = f"Stop it first; if it is gone, try again in {math.ceil(left)} s."
        raise RuntimeError(f"{what} ran it a moment ago and cannot be seen from here. {wait}")
    suspended = " and is suspended" if fate == "suspended" else ""
    raise RuntimeError(f"{what} is running it{suspended}. Stop that one first.")


def _fate_of_process(manifest):
    """What became of the process that wrote a manifest: "alive", "suspended", "gone"; None when that cannot be told from here.

    It cannot be told when it ran on another host, its pid is not known, or its pid means nothing here: another boot or another
    machine of the same name, a container with process numbers of its own. A live process that started at another time has only
    the same pid. The starts are compared in ticks since boot where both are known, since setting the clock moves the times.
    """
    pid = manifest.get("pid")
    if type(pid) is not int or pid <= 0 or manifest.get("host") != socket.gethostname():
        return None
    boot, boot_here = _text(manifest, "boot_id"), _boot_id()
    if boot and boot_here and boot != boot_here:
        # This machine after a reboot; or a machine of the same name, which then goes on writing its heartbeat.
        try:
            return "gone" if _number(manifest, "heartbeat_at", math.inf) < _booted_at() else None
        except Exception:
            return None
    namespace, namespace_here = _text(manifest, "pid_namespace"), _pid_namespace()
    if namespace and namespace_here and namespace != namespace_here:
        return None
    try:
        found = _find_process(pid)
    except Exception:
        return None
    if found is None:
        return "gone"
    started, ticks, is_suspended = found
    ticks_before = _number(manifest, "process_start_ticks", None)
    if boot and boot == boot_here and ticks is not None and ticks_before is not None:
        is_same = ticks == ticks_before
    else:
        is_same = abs(_number(manifest, "process_started_at", started) - started) <= _START_TOLERANCE
    if not is_same:
        return "gone"
    return "suspended" if is_suspended else "alive"


def _number(manifest, name, default):
    value = manifest.get(name)
    return value if type(value) in (int, float) and math.isfinite(value) else default


def _text(manifest, name):
    value = manifest.get(name)
    return value if isinstance(value, str) else None


def _find_process(pid):
    """A live process: its start in Unix seconds and in ticks since boot (None but on Linux), and whether it is suspended.

    None: no such process lives (a zombie does not). Raises when the system does not tell.
    """
    try:
        return _find_in_proc(pid) if sys.platform.startswith("linux") else _find_with_ps(pid)
    except Exception:
        if not _exists(pid):
            return None
        raise


def _exists(pid):
    if os.name == "nt":
        return True  # Signal 0 would be Ctrl-C there; what is not known may live.
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # Another user's.
    return True


def _find_in_proc(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        # The second field is the command in parentheses, which may hold spaces and parentheses itself.
        fields = file.read().rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    ticks = int(fields[19])
    return _booted_at() + ticks / os.sysconf("SC_CLK_TCK"), ticks, fields[0] in "Tt"


def _find_with_ps(pid):
    text = subprocess.check_output(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], env={**os.environ, "LC_ALL": "C"}, stderr=subprocess.DEVNULL
    )
    state, started = text.decode("ascii").strip().split(None, 1)
    if state.startswith("Z"):
        return None
    return time.mktime(time.strptime(started, "%a %b %d %H:%M:%S %Y")), None, state.startswith("T")


def _booted_at():
    with open("/proc/stat", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("btime "))


def _boot_id():
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip() or None
    except OSError:
        return None


def _pid_namespace():
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return None


def _read_object(path):
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
        return value if isinstance(value, dict) else {}
    except (OSError, ValueError):
        return {}


def _identity(path):
    try:
        found = os.stat(path)
        return found.st_dev, found.st_ino
    except OSError:
        return None


def _remove(path):
    try:
        os.remove(path)
    except OSError:
        pass


def _fit_label(name):
    fit = re.sub(r"[^A-Za-z0-9._-]+", "-", name).lstrip("._-")[:64]
    return fit[:59] + "-json" if fit.endswith(".json") else fit or "run"
