"""Makes the Word templates of ``bot/papers/templates``. Run it after changing a text below; a test holds the two equal.

    .venv/bin/python scripts/make_paper_templates.py [folder]

Layout after the decree on office work (Nghị định 30/2020/NĐ-CP, phụ lục I): A4, Times New Roman 13 to 14, margins of
20, 20, 30 and 20 mm, the state's name and motto on the right, the office on the left.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

TARGET = Path(__file__).resolve().parents[1] / "bot" / "papers" / "templates"
LEFT, CENTRE, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
FIXED_MOMENT = (2026, 1, 1, 0, 0, 0)
"""Every file of the archive carries it, so that the same text gives the same bytes."""


def new_document(title: str) -> Any:
    """An empty A4 page in the office's style."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin = Mm(30)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Times New Roman")
    style.paragraph_format.space_after = Pt(6)
    document.core_properties.title = title
    document.core_properties.author = "Hỏi Xã"
    document.core_properties.language = "vi-VN"
    return document


def line(place: Any, text: str, *, align: Any = LEFT, bold: bool = False, italic: bool = False, size: int = 14) -> Any:
    """A paragraph; ``**…**`` within the text is bold."""
    paragraph = place.add_paragraph()
    _write(paragraph, text, align, bold, italic, size)
    return paragraph


def _write(paragraph: Any, text: str, align: Any, bold: bool, italic: bool, size: int) -> None:
    paragraph.alignment = align
    for number, piece in enumerate(text.split("**")):
        if piece:
            run = paragraph.add_run(piece)
            run.bold, run.italic, run.font.size = bold or number % 2 == 1, italic, Pt(size)


def cell(place: Any, text: str, *, align: Any = LEFT, bold: bool = False, size: int = 13) -> None:
    """The one paragraph of a table's cell."""
    _write(place.paragraphs[0], text, align, bold, False, size)
    place.paragraphs[0].paragraph_format.space_after = Pt(2)


def heading(document: Any, number: str) -> None:
    """Office and number on the left, the state's name and motto on the right, place and day below."""
    table = document.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    left, right = table.rows[0].cells
    left.width, right.width = Mm(65), Mm(95)
    cell(left, "{{ co_quan }}", align=CENTRE, bold=True)
    line(left, "–––––––", align=CENTRE, size=13)
    if number:
        line(left, number, align=CENTRE, size=13)
    cell(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", align=CENTRE, bold=True)
    line(right, "Độc lập - Tự do - Hạnh phúc", align=CENTRE, bold=True, size=13)
    line(right, "––––––––––––––––––––", align=CENTRE, size=13)
    line(right, "{{ dia_danh }}, {{ ngay_lap }}", align=CENTRE, italic=True, size=13)
    line(document, "")


def rows(document: Any, pairs: Sequence[tuple[str, str]]) -> None:
    """A two-column table of names and places."""
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for name, place in pairs:
        left, right = table.add_row().cells
        left.width, right.width = Mm(50), Mm(110)
        cell(left, name, bold=True)
        cell(right, place)
    line(document, "")


def loop_table(document: Any, titles: Sequence[str], loop: str, places: Sequence[str], widths: Sequence[int]) -> None:
    """A table with one row for each entry of a list."""
    table = document.add_table(rows=1, cols=len(titles))
    table.style = "Table Grid"
    for place, title in zip(table.rows[0].cells, titles, strict=True):
        cell(place, title, align=CENTRE, bold=True)
    cell(table.add_row().cells[0], "{%tr for " + loop + " %}")
    for place, text in zip(table.add_row().cells, places, strict=True):
        cell(place, text)
    cell(table.add_row().cells[0], "{%tr endfor %}")
    for row in table.rows:
        for place, width in zip(row.cells, widths, strict=True):
            place.width = Mm(width)
    line(document, "")


def signatures(document: Any, left: Sequence[str], right: Sequence[str]) -> None:
    """Two columns to be signed."""
    table = document.add_table(rows=1, cols=2)
    for place, lines in zip(table.rows[0].cells, (left, right), strict=True):
        for number, text in enumerate(lines):
            if number == 0:
                cell(place, text, align=CENTRE, bold=True, size=14)
            else:
                line(place, text, align=CENTRE, italic=True, size=13)


def initiative_form() -> Any:
    """Phiếu sáng kiến."""
    document = new_document("Phiếu sáng kiến")
    heading(document, "Mã số: {{ ma_so }}")
    line(document, "PHIẾU SÁNG KIẾN", align=CENTRE, bold=True, size=16)
    rows(
        document,
        [
            ("Tên sáng kiến", "{{ ten_sang_kien }}"),
            ("Tác giả", "{{ tac_gia }} ({{ loai_tac_gia }})"),
            ("Đồng tác giả", "{{ dong_tac_gia }}"),
            ("Điện thoại", "{{ dien_thoai }}"),
            ("Thôn, tổ dân phố", "{{ thon }}"),
            ("Lĩnh vực", "{{ linh_vuc }}"),
            ("Đã làm đến đâu", "{{ muc_do }}"),
            ("Hưởng ứng", "{{ phong_trao }}"),
            ("Ngày gửi", "{{ ngay_gui }}"),
            ("Số người ủng hộ", "{{ so_ung_ho }}"),
            ("Ảnh, tệp kèm theo", "{{ so_tep }}"),
        ],
    )
    for title, place in (
        ("1. Vấn đề đang gặp", "{{ van_de }}"),
        ("2. Nội dung sáng kiến", "{{ giai_phap }}"),
        ("3. Lợi ích mang lại", "{{ loi_ich }}"),
    ):
        line(document, title, bold=True)
        line(document, place, align=BOTH)
    line(document, "4. Ý kiến của đơn vị chuyên môn", bold=True)
    for _ in range(3):
        line(document, "." * 88, size=13)
    signatures(document, ["NGƯỜI TIẾP NHẬN", "(Ký, ghi rõ họ tên)"], ["TÁC GIẢ", "(Ký, ghi rõ họ tên)"])
    return document


def council_minutes() -> Any:
    """Biên bản họp hội đồng."""
    document = new_document("Biên bản họp hội đồng sáng kiến")
    heading(document, "Số: ……/BB-HĐSK")
    line(document, "BIÊN BẢN", align=CENTRE, bold=True, size=16)
    line(document, "Họp Hội đồng xét sáng kiến {{ ten_xa }}", align=CENTRE, bold=True)
    line(document, "Hôm nay, {{ ngay_lap }}, tại ……………………………………, Hội đồng xét sáng kiến {{ ten_xa }} họp xét:",
         align=BOTH)  # fmt: skip
    rows(
        document,
        [
            ("Mã số", "{{ ma_so }}"),
            ("Tên sáng kiến", "{{ ten_sang_kien }}"),
            ("Tác giả", "{{ tac_gia }}{% if dong_tac_gia %}; {{ dong_tac_gia }}{% endif %}"),
            ("Lĩnh vực", "{{ linh_vuc }}"),
        ],
    )
    line(document, "I. THÀNH PHẦN", bold=True)
    line(document, "Được cử: {{ so_thanh_vien }} người. Đã chấm: {{ so_phieu }} người (lần chấm thứ {{ lan_cham }}).")
    loop_table(
        document,
        ["Họ tên", "Chức danh", "Đã chấm", "Kết quả (%)"],
        "nguoi in thanh_vien",
        ["{{ nguoi.ten }}", "{{ nguoi.chuc_danh }}", "{{ nguoi.da_cham }}", "{{ nguoi.diem }}"],
        [60, 50, 22, 28],
    )
    line(document, "II. KẾT QUẢ CHẤM", bold=True)
    line(document, "{{ ten_phieu_cham }}, mỗi tiêu chí cao nhất {{ thang_diem }} điểm, chốt ngày {{ ngay_cham_xong }}.")
    loop_table(
        document,
        ["Tiêu chí", "Trọng số", "Trung bình", "Thấp nhất", "Cao nhất"],
        "dong in tieu_chi",
        ["{{ dong.ten }}", "{{ dong.trong_so }}", "{{ dong.trung_binh }}", "{{ dong.thap_nhat }}",
         "{{ dong.cao_nhat }}"],
        [60, 25, 25, 25, 25],
    )  # fmt: skip
    line(document, "Kết quả chung: **{{ ket_qua }}%** (tương đương {{ ket_qua_diem }}/{{ thang_diem }} điểm). "
                   "Mức đạt: {{ muc_dat }}%.")  # fmt: skip
    line(document, "III. Ý KIẾN CỦA CÁC THÀNH VIÊN", bold=True)
    document.add_paragraph("{%p for dong in y_kien %}")
    line(document, "- {{ dong.ten }}: {{ dong.loi }}", align=BOTH)
    document.add_paragraph("{%p endfor %}")
    line(document, "IV. KẾT LUẬN", bold=True)
    line(document, "Hội đồng đánh giá sáng kiến “{{ ten_sang_kien }}”: **{{ ket_luan }}**.", align=BOTH)
    line(document, "Biên bản được đọc lại cho các thành viên cùng nghe và thống nhất ký tên.", align=BOTH)
    signatures(document, ["THƯ KÝ", "(Ký, ghi rõ họ tên)"], ["CHỦ TỊCH HỘI ĐỒNG", "(Ký, ghi rõ họ tên)"])
    return document


def recognition_decision() -> Any:
    """Quyết định công nhận sáng kiến."""
    document = new_document("Quyết định công nhận sáng kiến")
    heading(document, "Số: ……/QĐ-UBND")
    line(document, "QUYẾT ĐỊNH", align=CENTRE, bold=True, size=16)
    line(document, "Về việc công nhận sáng kiến năm {{ nam }}", align=CENTRE, bold=True)
    line(document, "CHỦ TỊCH {{ co_quan }}", align=CENTRE, bold=True)
    for text in (
        "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
        "Căn cứ Nghị định số 13/2012/NĐ-CP ngày 02 tháng 3 năm 2012 của Chính phủ ban hành Điều lệ Sáng kiến;",
        "{%p if ngay_cham_xong %}",
        "Căn cứ kết quả họp Hội đồng xét sáng kiến {{ ten_xa }} chốt ngày {{ ngay_cham_xong }} (đạt {{ ket_qua }}%);",
        "{%p endif %}",
        "Xét đề nghị của ……………………………………………………….",
    ):
        line(document, text, align=BOTH, italic=True)
    line(document, "QUYẾT ĐỊNH:", align=CENTRE, bold=True)
    authors = "{{ tac_gia }}{% if dong_tac_gia %}, đồng tác giả {{ dong_tac_gia }}{% endif %}"
    line(document, "**Điều 1.** Công nhận sáng kiến “{{ ten_sang_kien }}” (mã số {{ ma_so }}) của tác giả "
                   f"{authors}.", align=BOTH)  # fmt: skip
    line(document, "**Điều 2.** Sáng kiến được áp dụng trên địa bàn {{ ten_xa }}. Tác giả được hưởng quyền lợi theo "
                   "quy định hiện hành.", align=BOTH)  # fmt: skip
    line(document, "**Điều 3.** Quyết định này có hiệu lực từ ngày ký. Các đơn vị, cá nhân có liên quan và tác giả nêu "
                   "tại Điều 1 chịu trách nhiệm thi hành quyết định này./.", align=BOTH)  # fmt: skip
    signatures(document, ["Nơi nhận:", "- Như Điều 3;", "- Lưu: VT."], ["CHỦ TỊCH", "(Ký, đóng dấu)"])
    return document


def recognition_certificate() -> Any:
    """Giấy công nhận sáng kiến."""
    document = new_document("Giấy công nhận sáng kiến")
    heading(document, "Số: ……/GCN")
    line(document, "")
    line(document, "GIẤY CÔNG NHẬN SÁNG KIẾN", align=CENTRE, bold=True, size=20)
    line(document, "{{ co_quan }}", align=CENTRE, bold=True)
    line(document, "công nhận", align=CENTRE, italic=True)
    line(document, "{{ tac_gia }}", align=CENTRE, bold=True, size=18)
    document.add_paragraph("{%p if dong_tac_gia %}")
    line(document, "cùng đồng tác giả {{ dong_tac_gia }}", align=CENTRE)
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p if thon %}")
    line(document, "{{ thon }}, {{ ten_xa }}", align=CENTRE)
    document.add_paragraph("{%p endif %}")
    line(document, "là tác giả của sáng kiến", align=CENTRE, italic=True)
    line(document, "“{{ ten_sang_kien }}”", align=CENTRE, bold=True, size=18)
    line(document, "Mã số {{ ma_so }}. Lĩnh vực: {{ linh_vuc }}.", align=CENTRE)
    line(document, "")
    signatures(document, [""], ["CHỦ TỊCH", "(Ký, đóng dấu)"])
    return document


PAPERS = {
    "phieu-sang-kien": initiative_form,
    "bien-ban-hoi-dong": council_minutes,
    "quyet-dinh-cong-nhan": recognition_decision,
    "giay-cong-nhan": recognition_certificate,
}


def bytes_of(document: Any) -> bytes:
    """The file, the same for the same text on any day."""
    document.core_properties.created = document.core_properties.modified = datetime(*FIXED_MOMENT)
    document.core_properties.revision = 1
    loose = io.BytesIO()
    document.save(loose)
    target = io.BytesIO()
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(source.namelist(), key=lambda each: (each != "[Content_Types].xml", each)):
            packed.writestr(zipfile.ZipInfo(name, FIXED_MOMENT), source.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def main(folder: Path) -> None:
    """Write all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PAPERS.items():
        (folder / f"{name}.docx").write_bytes(bytes_of(make()))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
