"""A table from the outside: what does a boosted classifier of tumours go by?

    pip install '.[tables,lime]'
    python examples/tumours.py

The data are scikit-learn's breast cancer set (Wisconsin, 569 rows, 30 columns). Writes one figure
for every global view, `tumours_*.png`.
"""

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

import pellucid as pl


def main() -> None:
    data = load_breast_cancer(as_frame=True)
    answers = data.target.map({0: "malignant", 1: "benign"})
    train, held, y, truth = train_test_split(data.data, answers, random_state=0)
    model = HistGradientBoostingClassifier(random_state=0, max_iter=60).fit(train, y)
    print(f"right on {model.score(held, truth):.0%} of {len(held)} rows kept out")

    column = "worst perimeter"
    curve = pl.partial_dependence(model, held, column, "malignant")
    local = pl.accumulated_local_effects(model, held, column, "malignant")
    curve.plot().savefig("tumours_partial_dependence.png")
    local.plot().savefig("tumours_ale.png")
    importance = pl.permutation_importance(model, held, truth, repeats=5)
    importance.plot(most=10).savefig("tumours_permutation.png")
    tree = pl.surrogate_tree(model, train, "malignant")
    tree.plot().savefig("tumours_tree.png")
    print(curve, local, importance, tree, *tree.rules(), sep="\n")

    rows = held.sample(40, random_state=0)
    background = train.sample(20, random_state=0)
    e = pl.explain(model, rows, "kernel_shap", target="malignant", background=background,
                   n_samples=256, tolerance=None)  # fmt: skip
    summary = pl.feature_importance(e)
    summary.plot(most=10).savefig("tumours_mean_phi.png")
    summary.plot(kind="beeswarm", most=10).savefig("tumours_beeswarm.png")
    print(summary)


if __name__ == "__main__":
    main()
