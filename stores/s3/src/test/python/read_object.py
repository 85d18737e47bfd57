"""Reads an object with s3fs in order, as Python's readers of record files do, and prints the seconds.

usage: read_object.py ENDPOINT KEY_ID SECRET OBJECT
"""

import sys
import time

import s3fs


def main() -> None:
    endpoint, key_id, secret, name = sys.argv[1:]
    files = s3fs.S3FileSystem(
        key=key_id, secret=secret, endpoint_url=endpoint, use_listings_cache=False
    )
    begin = time.monotonic()
    size = 0
    with files.open(name, "rb") as file:
        while block := file.read(1 << 20):
            size += len(block)
    print(time.monotonic() - begin, size)


main()
