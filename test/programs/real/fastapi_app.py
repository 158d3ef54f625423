"""A FastAPI application: one request waits, others are answered."""

import asyncio

import fastapi

app = fastapi.FastAPI()


@app.get("/hold/{order_id}")
async def hold(order_id: int):
    order = {"id": order_id, "items": ["tea"]}
    await asyncio.Event().wait()
    return order


@app.get("/fine")
async def fine():
    return {"fine": True}
