"""A Flask application: one request waits, others are answered."""

import threading

import flask

app = flask.Flask("store")
app.config["SECRET_KEY"] = "hush"
closing = threading.Event()


@app.get("/hold/<int:order_id>")
def hold(order_id):
    order = {"id": order_id, "items": ["tea"]}
    closing.wait()
    return order


@app.get("/fine")
def fine():
    return {"fine": True}
