"""A Celery application whose broker is a directory: one job waits."""

import os
import threading

import celery

folder = os.environ["STORE_FOLDER"]
transport = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "/control"}
app = celery.Celery("store", broker="filesystem://")
app.conf.update(broker_transport_options=transport, worker_hijack_root_logger=False)


@app.task
def hold(order_id):
    order = {"id": order_id, "items": ["tea"]}
    threading.Event().wait()
    return order
