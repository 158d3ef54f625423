"""Computes without a pause."""


def spin():
    count = 0
    while True:
        count += 1


print("ready", flush=True)
spin()
