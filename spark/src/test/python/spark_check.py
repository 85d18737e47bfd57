"""Round trips of a million records with PySpark, and with Spark Connect.

    spark_check.py local JARS DIRECTORY
    spark_check.py connect JARS DIRECTORY

JARS are copies of the connector with commas between them, DIRECTORY is an empty directory. Ends with an exception if a record differs.
"""

import os
import pathlib
import re
import sys

from pyspark.sql import SparkSession

RECORDS = 1_000_000


def session(kind, jars):
    library = "-Dio.disky.library.dir=" + os.environ["DISKY_LIBRARY_DIR"]
    builder = (
        SparkSession.builder.config("spark.jars", jars)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.extraJavaOptions", library)
    )
    if kind == "connect":
        return builder.remote("local[2]").getOrCreate()
    return builder.master("local[2]").getOrCreate()


def checksum(frame):
    row = frame.selectExpr(
        "count(record) AS records", "sum(CAST(xxhash64(record) AS DECIMAL(38, 0))) AS hashes"
    ).first()
    return row.records, row.hashes


def million(spark, directory):
    frame = spark.range(0, RECORDS, 1, 4).selectExpr(
        "CAST(concat(id, ':', repeat('x', CAST(id % 50 AS INT))) AS BINARY) AS record"
    )
    frame.write.format("disky").mode("append").option("compression", "zstd:1").save(directory)
    assert os.path.exists(os.path.join(directory, "shard_3"))
    back = spark.read.format("disky").load(directory)
    assert back.count() == RECORDS
    assert checksum(back) == checksum(frame)


def bytes_of_python(spark, directory):
    """Records that Python has made, in partitions, which Python reads."""
    rows = [(bytearray(bytes([i]) * i), i % 2) for i in range(256)]
    frame = spark.createDataFrame(rows, "record BINARY, part INT")
    frame.write.format("disky").mode("overwrite").partitionBy("part").save(directory)
    assert os.path.isdir(os.path.join(directory, "part=1"))
    back = spark.read.format("disky").option("partitionColumns", "part INT").load(directory)
    found = sorted((bytes(row.record), row.part) for row in back.collect())
    assert found == sorted((bytes(record), part) for record, part in rows)


def refused(spark, directory):
    """An error of the data source reaches Python with its text."""
    try:
        frame = spark.createDataFrame([("text",)], "record STRING")
        frame.write.format("disky").mode("append").save(directory)
    except Exception as e:  # The kinds of exceptions differ.
        assert "CAST(record AS BINARY)" in str(e), e
    else:
        raise AssertionError("a text was written")


def first_steps(spark, directory):
    """The first steps of the page for users."""
    page = (pathlib.Path(__file__).parents[3] / "README.md").read_text()
    steps = re.search(r"```python\n(.*?)```", page, re.S)[1]
    exec(steps.replace("/tmp/texts", directory), {"spark": spark})
    back = spark.read.format("disky").load(directory).collect()
    assert sorted(bytes(row.record) for row in back) == [b"hello", b"world"]


def main(kind, jars, directory):
    spark = session(kind, jars)
    first_steps(spark, os.path.join(directory, "first-steps"))
    million(spark, os.path.join(directory, "million"))
    bytes_of_python(spark, os.path.join(directory, "python"))
    refused(spark, os.path.join(directory, "refused"))
    print(f"{kind}: {RECORDS} records, Spark {spark.version}, Python {sys.version.split()[0]}")
    spark.stop()


main(*sys.argv[1:])
