"""S3, Google Cloud Storage and Azure on this machine: a server each, an empty bucket, and what the environment must say.

Each is a context that yields (address of the bucket, environment), and skips with its reason what cannot be had here.
"""

import base64
import importlib.util
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

import fsspec
import pytest

KEY = "a-key-of-no-use"


def _need(*modules: str, install: str) -> None:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed; {install} to try this store.")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def s3():
    _need("s3fs", "moto", "flask", install="pip install 's3fs==2026.9.0' 'moto[s3,server]==5.2.5'")
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    told = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="acme-reports")
    yield "s3://acme-reports", told
    server.stop()


@contextmanager
def gcs():
    _need("gcsfs", "gcp_storage_emulator", install="pip install 'gcsfs==2026.10.1' 'gcp-storage-emulator==2026.7.19'")
    from gcp_storage_emulator.server import create_server

    port = _free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="acme-reports")
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("gs", "gcs"):
            patch.setitem(fsspec.config.conf, name, {"token": "anon"})
        patch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # it asks by gRPC, which the emulator does not speak
        yield "gs://acme-reports", {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{port}"}
    server.stop()


@contextmanager
def azure():
    _need("adlfs", install="pip install 'adlfs==2026.8.0'")
    program = shutil.which("azurite-blob")
    if program is None:
        pytest.skip("azurite-blob was not found; call npm install azurite, and put its .bin on the PATH, to try this store.")
    key, port = base64.b64encode(KEY.encode()).decode(), _free_port()
    words = [program, "--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry", "--blobPort", str(port)]
    process = subprocess.Popen(words, env=os.environ | {"AZURITE_ACCOUNTS": f"acme:{key}"}, stdout=subprocess.DEVNULL)
    told = {
        "AZURE_STORAGE_CONNECTION_STRING": f"DefaultEndpointsProtocol=http;AccountName=acme;AccountKey={key};"
        f"BlobEndpoint=http://127.0.0.1:{port}/acme;"
    }  # fmt: skip
    try:
        _wait_for(port)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(*next(iter(told.items())))
            fsspec.filesystem("abfs").mkdir("acme-reports")
        yield "abfs://acme-reports", told
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the emulator did not answer within 20 s")
