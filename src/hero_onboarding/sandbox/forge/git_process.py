"""Run git's CGI program for one request, both directions streamed."""

import asyncio
from collections.abc import Mapping

from hero_onboarding.sandbox.exchange import Receive, Send
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError
from hero_onboarding.sandbox.forge.pushing import find_backend

_CHUNK_BYTES = 64 * 1024
_HEAD_BYTES_MAX = 64 * 1024
_END_SECONDS = 10


async def run_backend(
    environment: Mapping[str, str], receive: Receive, send: Send, bytes_max: int
) -> int:
    """Feed the request to git and relay what it answers; return the status.

    A body longer than ``bytes_max`` is cut off, which git takes as a broken request.

    Raises:
        ForgeAnswerError: 500 if git ends without an answer.
    """
    process = await asyncio.create_subprocess_exec(
        find_backend(),
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None, process
    assert process.stdout is not None, process
    feeding = asyncio.create_task(_feed(process.stdin, receive, bytes_max))
    try:
        return await _relay(process.stdout, send)
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        if process.returncode is None:
            await _end(process)


async def _feed(stdin: asyncio.StreamWriter, receive: Receive, bytes_max: int) -> None:
    size = 0
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            part = message.get("body", b"")
            size += len(part)
            if size > bytes_max:
                return
            stdin.write(part)
            await stdin.drain()
            if not message.get("more_body", False):
                return
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        stdin.close()


async def _relay(stdout: asyncio.StreamReader, send: Send) -> int:
    status, headers = await _read_head(stdout)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    while part := await stdout.read(_CHUNK_BYTES):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    return status


async def _read_head(stdout: asyncio.StreamReader) -> tuple[int, list[tuple[bytes, bytes]]]:
    status, size = 200, 0
    headers: list[tuple[bytes, bytes]] = []
    while line := await stdout.readline():
        size += len(line)
        if line.strip() == b"" or size > _HEAD_BYTES_MAX:
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"status":
            status = int(value.split()[0])
        else:
            headers.append((name.strip().lower(), value.strip()))
    if not headers:
        raise ForgeAnswerError(500, "git ended without an answer")
    return status, headers


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), _END_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
