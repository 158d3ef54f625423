"""An asyncio server that answers each line with its length, until its standard input is closed."""

import asyncio
import sys

import support


async def answer(reader, writer):
    async for line in reader:
        writer.write(b"%d\n" % len(line))
        await writer.drain()
    writer.close()


async def serve():
    loop = asyncio.get_running_loop()
    end = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(end), sys.stdin)
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    support.say("port", server.sockets[0].getsockname()[1])
    support.ready()
    await end.read()
    before_close = support.fingerprint()
    server.close()
    support.say("finished", {"result": True, "fingerprint": before_close})


asyncio.run(serve())
