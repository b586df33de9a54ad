"""Serves the site: python serve.py --host 127.0.0.1 --port 8000"""

import argparse

from podcast import app


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    # Robyn takes nothing but an address: "localhost" is an error to it.
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    address = parser.parse_args()
    app.start(host=address.host, port=address.port)


if __name__ == "__main__":
    main()
