# Installs hw2utils where it is missing (Colab, a downloaded notebook).
import subprocess
import sys
from importlib import invalidate_caches, metadata, util
from pathlib import Path

needed, address = "0.1", ""  # address: of the repository, where it has one
if util.find_spec("hw2utils") is None:
    wheels = sorted(str(path) for path in Path().glob(f"hw2utils-{needed}.*.whl"))
    if not (wheels or address):
        fa = "فایل hw2utils-….whl را کنار دفترچه بگذارید و این خانه را دوباره اجرا کنید."
        en = "Put hw2utils-….whl beside this notebook and run this cell again."
        raise ModuleNotFoundError(f"hw2utils\n{fa}\n{en}")
    install = [sys.executable, "-m", "pip", "install", "-q", (wheels or [f"git+{address}"])[-1]]
    subprocess.run(install, check=True)
    invalidate_caches()
if (found := metadata.version("hw2utils")).split(".")[:2] != needed.split("."):
    print(f"نتیجه‌ها شاید فرق کنند / results may differ: hw2utils {found} ≠ {needed}", file=sys.stderr)
if getattr(sys.modules.get("matplotlib"), "__version__", "") not in ("", metadata.version("matplotlib")):
    raise RuntimeError("هستهٔ دفترچه را از نو راه بیندازید / matplotlib is new: restart the kernel")
