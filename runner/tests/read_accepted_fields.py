"""Writes accepted_fields.json: the fields that the trainers take at the versions of pins.py.

    python3 read_accepted_fields.py TRL_PYTHON AXOLOTL_SOURCE LLAMAFACTORY_SOURCE

TRL_PYTHON is a Python with TRL installed; the others are unpacked source trees, read without being run, so that
none of what they stand on is needed. Run it again when a pin moves, and look at what changed.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).with_name("accepted_fields.json")

ASK_TRL = """
import dataclasses, json, os
os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
import trl, transformers
from transformers.trainer_utils import SchedulerType
from transformers.training_args import OptimizerNames
from trl.experimental.orpo import ORPOConfig
configs = [trl.SFTConfig, trl.DPOConfig, ORPOConfig, trl.KTOConfig, trl.RewardConfig]
named = lambda kind: sorted(field.name for field in dataclasses.fields(kind))
print(json.dumps({
    "trl": {kind.__name__: named(kind) for kind in configs},
    "transformers": named(transformers.Seq2SeqTrainingArguments),
    "optimizers": sorted(item.value for item in OptimizerNames),
    "schedulers": sorted(item.value for item in SchedulerType),
    "versions": {"trl": trl.__version__, "transformers": transformers.__version__},
}))
"""


def classes_of(folder):
    """Annotated names and bases of every class in the Python files of a folder."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
                names = [item.target.id for item in fields] + [alias for item in fields for alias in aliases_of(item)]
                bases = [ast.unparse(base).split(".")[-1].split("[")[0] for base in node.bases]
                found[node.name] = (names, bases)
    return found


def aliases_of(field):
    """What pydantic's Field(alias=...) lets it be called in a file."""
    words = field.value.keywords if isinstance(field.value, ast.Call) else []
    return [word.value.value for word in words if word.arg == "alias" and isinstance(word.value, ast.Constant)]


def fields_of(classes, name):
    if name not in classes:
        return set()
    names, bases = classes[name]
    return set(names).union(*(fields_of(classes, base) for base in bases))


def main(trl_python, axolotl, llamafactory):
    asked = subprocess.run([trl_python, "-W", "ignore", "-c", ASK_TRL], capture_output=True, text=True, check=True)
    accepted = json.loads(asked.stdout.splitlines()[-1])
    schemas = classes_of(Path(axolotl) / "src/axolotl/utils/schemas")
    accepted["axolotl"] = sorted(fields_of(schemas, "AxolotlInputConfig"))
    accepted["axolotl_dataset"] = sorted(
        set().union(*(fields_of(schemas, name) for name in ("SFTDataset", "DPODataset", "KTODataset")))
    )
    hparams = classes_of(Path(llamafactory) / "src/llamafactory/hparams")
    own = ("ModelArguments", "DataArguments", "TrainingArguments", "FinetuningArguments", "GeneratingArguments")
    accepted["llamafactory"] = sorted(set().union(*(fields_of(hparams, name) for name in own)))
    template = ast.parse((Path(llamafactory) / "src/llamafactory/data/template.py").read_text(encoding="utf-8"))
    accepted["llamafactory_templates"] = sorted(
        ast.literal_eval(word.value)
        for node in ast.walk(template)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "register_template"
        for word in node.keywords
        if word.arg == "name"
    )
    accepted.update(accepted.pop("trl"))
    lines = {key: value if isinstance(value, dict) else " ".join(value) for key, value in accepted.items()}
    TARGET.write_text(json.dumps(lines, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
