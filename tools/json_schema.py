#!/usr/bin/env python3
"""Make the JSON Schemas of docs/ from the types that write the JSON.

usage: tools/json_schema.py [REPOSITORY]

Reads the structs and enums with `Serialize` below src/, with their doc comments, and
writes docs/NAME.schema.json for each report of REPORTS. Objects that are made without a
type (`check`, `simulate`) are in docs/*.schema.json by hand. tests/suite/schema.rs holds all of
them against real output, unknown fields not allowed.
"""
import json, os, re, sys

REPORTS = {
    "report": ("JsonReport", "src/report/json.rs", "Report of f2b-regex LOG FILTER --format json and of f2b-regex merge"),
    "explain": ("JsonExplanation", "src/report/explain/json.rs", "Report of f2b-regex explain --format json"),
    "bench": ("BenchReport", "src/bench/report.rs", "Report of f2b-regex bench --format json"),
}
# types that write themselves
PLAIN = {"Nanos": {"type": "number", "description": "Nanoseconds."}}
ITEM = re.compile(
    r"(?P<doc>(?:^[ ]*///.*\n)*)(?P<attrs>(?:^[ ]*#\[(?:[^\[\]]|\[[^\]]*\])*\]\n)*)^(?:pub(?:\([a-z]+\))? )?(?P<kind>struct|enum) (?P<name>\w+)(?:<(?P<of>[^>]*)>)?(?P<body>\(.*?\);| \{\n(?:.*\n)*?\}$)",
    re.M)
FIELD = re.compile(
    r"(?P<doc>(?:^ {4}///.*\n)*)(?P<attrs>(?:^ {4}#\[(?:[^\[\]]|\[[^\]]*\])*\]\n)*)^ {4}(?:pub(?:\([a-z]+\))? )?(?P<name>\w+)(?:: (?P<type>.*?))?,?$", re.M)

class Types:
    def __init__(self, root):
        self.found = {}
        for directory, _, files in os.walk(os.path.join(root, "src")):
            for file in sorted(files):
                if not file.endswith(".rs"):
                    continue
                path = os.path.join(directory, file)
                text = open(path, encoding="utf-8").read()
                for item in ITEM.finditer(text):
                    if "Serialize" in item["attrs"]:
                        place = os.path.relpath(path, root)
                        self.found.setdefault(item["name"], []).append((place, item))

    def item(self, name, near):
        known = self.found.get(name)
        if not known:
            sys.exit("json_schema.py: no type %s with Serialize (used in %s)" % (name, near))
        if len(known) > 1:
            # the one of the same file, or of the nearest directory
            known = sorted(known, key=lambda k: -len(os.path.commonprefix([k[0], near])))
        return known[0]

def words(doc):
    text = " ".join(line.strip()[3:].strip() for line in doc.strip().splitlines())
    text = re.sub(r"\[`?([\w:]+)`?\]\([^)]*\)", r"\1", text)
    return re.sub(r"\[`([^`]+)`\]", r"\1", text)

def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()

RENAMES = {
    "lowercase": str.lower,
    "snake_case": snake,
    "kebab-case": lambda n: snake(n).replace("_", "-"),
}

class Schema:
    def __init__(self, types):
        self.types, self.defs = types, {}

    def of(self, text, near):
        text = text.strip()
        generic = re.fullmatch(r"([\w:]+)<(.*)>", text, re.S)
        if text.startswith("&"):
            return self.of(re.sub(r"^&('\w+ )?", "", text), near)
        if re.fullmatch(r"[ui](8|16|32|64|size)", text):
            return {"type": "integer", "minimum": 0} if text[0] == "u" else {"type": "integer"}
        if text in ("f64", "f32"):
            return {"type": "number"}
        if text in ("String", "str", "char", "CompactString", "Cow<'static, str>", "PathBuf"):
            return {"type": "string"}
        if text == "bool":
            return {"type": "boolean"}
        if text.startswith("(") and text.endswith(")"):
            parts = [self.of(p, near) for p in self.split(text[1:-1])]
            return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(parts)}
        array = re.fullmatch(r"\[(.*); (\d+)\]", text)
        if array:
            return {"type": "array", "items": self.of(array[1], near), "minItems": int(array[2]), "maxItems": int(array[2])}
        if generic:
            name, inner = generic[1], generic[2]
            if name == "Option":
                return self.nullable(self.of(inner, near))
            if name in ("Vec", "BTreeSet", "IndexSet"):
                return {"type": "array", "items": self.of(inner, near)}
            if name in ("BTreeMap", "HashMap", "IndexMap"):
                return {"type": "object", "additionalProperties": self.of(self.split(inner)[1], near)}
            if name in ("Box", "Arc"):
                return self.of(inner, near)
        if text in PLAIN:
            return dict(PLAIN[text])
        if generic:
            return self.reference(generic[1].split("::")[-1], near, generic[2])
        return self.reference(text.split("::")[-1], near)

    @staticmethod
    def split(text):
        parts, depth = [""], 0
        for c in text:
            depth += (c in "<([") - (c in ">)]")
            if c == "," and depth == 0:
                parts.append("")
            else:
                parts[-1] += c
        return [p for p in parts if p.strip()]

    @staticmethod
    def nullable(schema):
        if isinstance(schema.get("type"), str) and "enum" not in schema:
            return {**schema, "type": [schema["type"], "null"]}
        return {"anyOf": [schema, {"type": "null"}]}

    def reference(self, name, near, argument=None):
        key = name + (argument or "")
        if key not in self.defs:
            self.defs[key] = None
            place, item = self.types.item(name, near)
            self.defs[key] = self.item(item, place, argument)
        return {"$ref": "#/$defs/" + key}

    def item(self, item, place, argument=None):
        doc = {"description": words(item["doc"])} if item["doc"].strip() else {}
        rename = re.search(r'rename_all = "([\w-]+)"', item["attrs"])
        change = RENAMES[rename[1]] if rename else str
        if item["body"].startswith("("):
            inner = re.sub(r"^pub(\([a-z]+\))? ", "", item["body"][1:-2].strip())
            return {**doc, **self.of(inner, place)}
        body = item["body"].split("\n", 1)[1].rsplit("}", 1)[0]
        if item["kind"] == "enum":
            values = []
            for field in FIELD.finditer(body):
                if field["type"] is not None or "(" in field[0].splitlines()[-1]:
                    sys.exit("json_schema.py: %s: enum %s is not of plain names" % (place, item["name"]))
                own = re.search(r'rename = "([^"]+)"', field["attrs"])
                values.append({"const": own[1] if own else change(field["name"]), "description": words(field["doc"])})
            return {**doc, "oneOf": values}
        properties, required = {}, []
        for field in FIELD.finditer(body):
            if "flatten" in field["attrs"]:
                sys.exit("json_schema.py: %s: %s.%s is flattened" % (place, item["name"], field["name"]))
            if re.search(r"serde\(skip\)|serde\(skip_serializing\)", field["attrs"]):
                continue
            own = re.search(r'rename = "([^"]+)"', field["attrs"])
            name = own[1] if own else change(field["name"])
            kind = field["type"]
            if argument:
                kind = re.sub(r"\b%s\b" % item["of"], argument, kind)
            schema = self.of(kind, place)
            text = {"description": words(field["doc"])} if field["doc"].strip() else {}
            properties[name] = {**text, **schema}
            if "skip_serializing_if" not in field["attrs"]:
                required.append(name)
        return {**doc, "type": "object", "properties": properties, "required": required, "additionalProperties": False}

def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    types = Types(root)
    for name, (top, near, title) in REPORTS.items():
        schema = Schema(types)
        place, item = types.item(top, near)
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
        whole.update(schema.item(item, place))
        if name != "bench":
            whole["properties"]["schema"]["const"] = 1
        whole["$defs"] = {key: schema.defs[key] for key in sorted(schema.defs)}
        path = os.path.join(root, "docs", name + ".schema.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(whole, out, indent=2, ensure_ascii=False)
            out.write("\n")
        print(path, len(whole["$defs"]), "types", file=sys.stderr)

main()
