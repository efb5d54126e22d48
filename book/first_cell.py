# Installs hw2utils where it is missing (Colab, a downloaded notebook).
import subprocess
import sys
from importlib import invalidate_caches, metadata, util
from pathlib import Path

needed, address = "0.1", ""  # address: of the repository, from _config.yml
if util.find_spec("hw2utils") is None:
    wheels = sorted(str(path) for path in Path().glob(f"hw2utils-{needed}.*.whl"))
    if not (wheels or address):
        fa = "فایل hw2utils-….whl را کنار دفترچه بگذارید و خانه را دوباره اجرا کنید."
        en = "Put hw2utils-….whl beside this notebook and run this cell again."
        raise ModuleNotFoundError(f"hw2utils\n{fa}\n{en}")
    package = (wheels or [f"git+{address}"])[-1]
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)
    invalidate_caches()
if (found := metadata.version("hw2utils")).split(".")[:2] != needed.split("."):
    fa, en = "نتیجه‌ها شاید فرق کنند", "results may differ"
    print(f"{fa} / {en}: hw2utils {found} ≠ {needed}", file=sys.stderr)
drawing = getattr(sys.modules.get("matplotlib"), "__version__", None)
if drawing not in (None, metadata.version("matplotlib")):
    fa, en = "هستهٔ دفترچه را از نو راه بیندازید", "restart the kernel"
    raise RuntimeError(f"{fa} / matplotlib is new: {en}")
if "get_ipython" in globals():  # JupyterLab begins Persian lines at the left
    from IPython.display import display

    sides = """<style>.jp-RenderedHTMLCommon [dir=rtl] {
      & :is(p, li) {text-align: start} & code {direction: ltr; unicode-bidi: isolate}
    }</style>"""
    display({"text/html": sides, "text/plain": ""}, raw=True)
