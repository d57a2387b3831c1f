"""A kernel that begins as a copy of this process, with every library loaded that notebooks need.

Unit: one kernel. A kernel with an interpreter of its own imports for two seconds and more what all notebooks import;
a copy of a process that has done so needs none. A copy holds only the thread that made it, so it is made while there
is one: before anything is asked of the kernel. Elsewhere than on Linux libraries may not survive it, and kernels begin
as papermill begins them.
"""

import os
import signal
import sys
import threading
import traceback
from pathlib import Path


def can_fork() -> bool:
    """Whether a copy of this process is sound, on Linux and with one thread, and has the libraries loaded."""
    loaded = "apijourney.report.preloaded" in sys.modules
    return sys.platform == "linux" and loaded and threading.active_count() == 1


def fork_kernel(config, folder: Path, connection: Path):
    """Begin a kernel and return its manager, for a client that finds it running.

    config : of the manager, such as its sockets. folder : where the kernel works. connection : the file that is to say
    how it is spoken to.
    """
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    manager = AsyncKernelManager(config=config, connection_file=str(connection))
    manager.write_connection_file()
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        _be_kernel(folder, connection, parent)
    provisioner = LocalProvisioner(kernel_id=connection.stem, kernel_spec=manager.kernel_spec, parent=manager)
    provisioner.process, provisioner.pid, provisioner.pgid = _Copy(pid), pid, pid
    manager.provisioner = provisioner
    return manager


def end_kernel(manager) -> None:
    """End a forked kernel at once: a client that found it running leaves it running."""
    manager.provisioner.process.kill()
    manager.provisioner.process.wait()


def _be_kernel(folder: Path, connection: Path, parent: int) -> None:
    """Run a kernel until it is told to end, and end. It ends, too, when the process that made it has."""
    code = 1
    try:
        os.setsid()
        os.chdir(folder)
        import matplotlib
        from ipykernel.kernelapp import IPKernelApp

        matplotlib.use("module://matplotlib_inline.backend_inline")
        told = [f"--IPKernelApp.parent_handle={parent}", "--HistoryManager.hist_file=:memory:"]
        IPKernelApp.launch_instance(["-f", str(connection), *told])
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


class _Copy:
    """A copy of this process, asked after as a `subprocess.Popen` is."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int):
        self.pid, self.returncode = pid, None

    def poll(self) -> int | None:
        return self._ask(os.WNOHANG)

    def wait(self) -> int | None:
        return self._ask(0)

    def _ask(self, options: int) -> int | None:
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, options)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, signum: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
