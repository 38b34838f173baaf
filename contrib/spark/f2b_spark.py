#!/usr/bin/env python3
"""Runs a fail2ban filter over many logs on a Spark cluster; writes one JSON report.

usage: spark-submit f2b_spark.py [OPTIONS] FILTER INPUT... [-- OPTION...]

INPUT is a path that every worker can open, or a URI of any file system Spark knows
(file://, hdfs://, s3a://, gs://), which may hold a glob; give them in the order of time.
OPTION is an option of f2b-regex for every log. The report is that of one f2b-regex over
all logs in that order (see docs/merge in the README). Status: 0, 1 and 2 as f2b-regex merge.
"""
import argparse, io, json, os, subprocess, sys, tarfile, tempfile, time

# what the workers need, by name below their directory
CONFIG, FILTER = "config", "filter"


def arguments(words):
    """The command line; behind `--` stand options of f2b-regex."""
    own, options = words, []
    if "--" in words:
        at = words.index("--")
        own, options = words[:at], words[at + 1 :]
    parser = argparse.ArgumentParser(
        prog="f2b_spark.py", description=__doc__.split("\n\n")[0],
        epilog="Behind -- stand options of f2b-regex for every log, such as -d PATTERN.")
    parser.add_argument("filter", metavar="FILTER",
                        help="jail or filter by name, path of a filter file, or a failregex; perhaps with [options]")
    parser.add_argument("inputs", metavar="INPUT", nargs="*", help="a path or URI; oldest first")
    parser.add_argument("--list", metavar="FILE", help="more inputs, one a line; # begins a comment")
    parser.add_argument("--binary", default="f2b-regex", metavar="FILE",
                        help="the f2b-regex that is sent to the workers [default: the one in PATH]")
    parser.add_argument("--config", metavar="DIR", help="configuration directory (jail.conf, filter.d), sent along")
    parser.add_argument("--output", metavar="FILE", default="-", help="the report [default: standard output]")
    parser.add_argument("--threads", type=int, default=1, help="threads per log [default: 1]")
    parser.add_argument("--partitions", type=int, help="tasks [default: one per log]")
    parser.add_argument("--master", help="Spark master, where spark-submit does not say it")
    args = parser.parse_args(own)
    args.options = options
    if args.list:
        with open(args.list, encoding="utf-8") as lines:
            inputs = [line.strip() for line in lines]
        args.inputs += [i for i in inputs if i and not i.startswith("#")]
    if not args.inputs:
        parser.error("expected INPUT... or --list FILE")
    return args


def is_uri(name):
    return "://" in name


def binary(name):
    """The program's path."""
    import shutil
    path = name if os.path.isfile(name) else shutil.which(name)
    if not path:
        sys.exit("f2b_spark.py: %s: not found; --binary names the f2b-regex to send" % name)
    return path


def parcel(args):
    """Configuration and filter file as a tar, and FILTER as it is named there."""
    out = io.BytesIO()
    spec = args.filter
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        if args.config:
            if not os.path.isdir(args.config):
                sys.exit("f2b_spark.py: --config %s: not a directory" % args.config)
            tar.add(args.config, CONFIG)
        path, bracket, rest = spec.partition("[")
        if os.path.isfile(path):
            # with the files it may include
            directory, name = os.path.split(os.path.abspath(path))
            for file in sorted(os.listdir(directory)):
                if file == name or file.endswith((".conf", ".local")):
                    tar.add(os.path.join(directory, file), FILTER + "/" + file, recursive=False)
            spec = "./" + FILTER + "/" + name + bracket + rest
    return out.getvalue(), spec


class Worker:
    """Runs f2b-regex on a log; sent to the workers."""

    def __init__(self, program, parcel, spec, options, threads, has_config):
        self.program, self.parcel, self.spec = program, parcel, spec
        self.options, self.threads, self.has_config = options, threads, has_config

    def home(self):
        """The unpacked parcel, once per worker process."""
        global _home
        if _home is None:
            _home = tempfile.TemporaryDirectory(prefix="f2b-spark-")
            with tarfile.open(fileobj=io.BytesIO(self.parcel.value)) as tar:
                tar.extractall(_home.name)
        return _home.name

    def run(self, log, named):
        """The report of a log, or {"error": …}. `log` is a path here, `named` its name in the report."""
        from pyspark import SparkFiles
        program = SparkFiles.get(self.program)
        os.chmod(program, 0o755)
        command = [program, "--log", log, self.spec, "--format", "json", "--no-hints",
                   "--no-progress", "--threads", str(self.threads)]
        if self.has_config:
            command += ["-c", CONFIG]
        ran = subprocess.run(command + self.options, cwd=self.home(), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = ran.stderr.strip()
        if not ran.stdout:
            return {"error": said or "f2b-regex ended with status %d" % ran.returncode}
        report = json.loads(ran.stdout)
        for info in report["logs"]:
            info["path"] = named
            if "error" in info:
                info["error"] = info["error"].replace(log, named)
        return {"report": report, "said": said}

    def path(self, item):
        number, path = item
        if not os.path.isfile(path):
            return number, {"error": "%s: not a file on this worker" % path}
        return number, self.run(path, path)

    def content(self, item):
        """A file that Spark has read: f2b-regex gets it as a file of its own."""
        number, (uri, content) = item
        with tempfile.NamedTemporaryFile(prefix="f2b-spark-") as file:
            file.write(content)
            file.flush()
            return number, self.run(file.name, uri)


_home = None


def expanded(spark, inputs):
    """All inputs in order, globs of URIs expanded by name: (is URI, name)."""
    jvm, hadoop = spark._jvm, spark._jsc.hadoopConfiguration()
    all = []
    for name in inputs:
        if not is_uri(name):
            all.append((False, os.path.abspath(name)))
            continue
        path = jvm.org.apache.hadoop.fs.Path(name)
        found = path.getFileSystem(hadoop).globStatus(path)
        files = [str(status.getPath()) for status in found or [] if not status.isDirectory()]
        if not files:
            sys.exit("f2b_spark.py: %s: no such file" % name)
        all += [(True, file) for file in sorted(files)]
    return all


def reports(spark, args):
    """One result per log, in order, with its name."""
    program = binary(args.binary)
    spark.addFile(program)
    content, spec = parcel(args)
    options = args.options
    if not any(o == "--now" or o.startswith("--now=") for o in options):
        # one clock for all workers
        options = options + ["--now", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())]
    worker = Worker(os.path.basename(program), spark.broadcast(content), spec, options,
                    args.threads, bool(args.config))
    logs = expanded(spark, args.inputs)
    paths = [(n, name) for n, (uri, name) in enumerate(logs) if not uri]
    uris = {name: n for n, (uri, name) in enumerate(logs) if uri}
    results = []
    if paths:
        slices = args.partitions or len(paths)
        results += spark.parallelize(paths, slices).map(worker.path).collect()
    if uris:
        slices = args.partitions or len(uris)
        files = spark.binaryFiles(",".join(uris), slices).map(lambda file: (uris[file[0]], file))
        # Spark puts several small files into one partition
        results += files.repartition(slices).map(worker.content).collect()
    return [(logs[number][1], result) for number, result in sorted(results, key=lambda r: r[0])]


def say(spark, text):
    """Prints on standard error. spark-submit passes on what a Python job writes there to standard
    output, where the report goes; what its own Java machine writes it leaves where it is."""
    for line in text.splitlines():
        spark._jvm.System.err.println("f2b_spark.py: " + line)


def main():
    args = arguments(sys.argv[1:])
    from pyspark import SparkConf, SparkContext
    conf = SparkConf().setAppName("f2b-regex " + args.filter[:60])
    if args.master:
        conf.setMaster(args.master)
    # a log is read once: what fails is said, not tried four times
    conf.setIfMissing("spark.task.maxFailures", "1")
    spark = SparkContext(conf=conf)
    spark.setLogLevel("ERROR")
    try:
        results = reports(spark, args)
        failed = [(name, result["error"]) for name, result in results if "error" in result]
        for name, error in failed:
            say(spark, "%s: %s" % (name, error))
        if failed:
            sys.exit(2)
        for name, result in results:
            if result["said"]:
                say(spark, "%s: %s" % (name, result["said"]))
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "reports.jsonl")
            with open(file, "w", encoding="utf-8") as out:
                for _, result in results:
                    out.write(json.dumps(result["report"], ensure_ascii=False) + "\n")
            merged = subprocess.run([binary(args.binary), "merge", file], stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True)
        say(spark, merged.stderr)
    finally:
        spark.stop()
    if args.output == "-":
        sys.stdout.write(merged.stdout)
    elif merged.stdout:
        with open(args.output, "w", encoding="utf-8") as out:
            out.write(merged.stdout)
    sys.exit(merged.returncode)


if __name__ == "__main__":
    main()
