"""the folder of likely twins reads one index and no rows"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_READ = ["commune_id", "kind", "parted_ms", "score", "code", "other_code"]


def upgrade() -> None:
    op.create_index("ix_case_twin_folder", "case_twin", _READ)
    op.drop_index("ix_case_twin_commune_id_kind", table_name="case_twin")


def downgrade() -> None:
    op.create_index("ix_case_twin_commune_id_kind", "case_twin", ["commune_id", "kind"])
    op.drop_index("ix_case_twin_folder", table_name="case_twin")
