//! Looks at a set ticket as a reader does: which texts and pictures stand on the page, where and how large.

use domain::rehearsal::{PAPER, is_titled};
use typst::layout::{Frame, FrameItem, Point, Transform};
use typst::visualize::ImageKind;
use typst_layout::Page;

use crate::ticket::Ticket;
use crate::{Fault, text};

/// Smallest side of the QR code, in millimetres: 61 modules and a quiet zone are read from an office printer's paper.
const QR: f64 = 24.0;
/// Smallest width and height of the bar code.
const BAR: (f64, f64) = (45.0, 8.0);
/// Smallest width and height of the photo.
const PHOTO: (f64, f64) = (18.0, 24.0);

/// What has to be there.
pub(crate) struct Wanted<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// SVG of the Code 128.
    pub bar: &'a str,
    /// SVG of the QR code.
    pub qr: &'a str,
}

/// What stands on a page.
#[derive(Default)]
struct Seen {
    /// All texts, in order, without blanks.
    text: String,
    /// Sizes in millimetres of the codes and the photo, where they lie on the page.
    bar: Option<(f64, f64)>,
    qr: Option<(f64, f64)>,
    photo: Option<(f64, f64)>,
}

/// What is missing, in words.
pub(crate) fn missing(page: &Page, wanted: &Wanted<'_>) -> Vec<Fault> {
    let mut seen = Seen::default();
    walk(
        &page.frame,
        (Transform::identity(), &page.frame),
        wanted,
        &mut seen,
    );
    let mut faults = Vec::new();
    for (what, value) in texts(wanted.ticket) {
        if !seen.text.contains(&plain(&value)) {
            faults.push(Fault::new(format!("没有印出{what}")));
        }
    }
    for (what, found, least) in [
        ("准考证号条码", seen.bar, BAR),
        ("核验二维码", seen.qr, (QR, QR)),
        ("照片", seen.photo, PHOTO),
    ] {
        if what == "照片" && wanted.ticket.photo.is_none() {
            continue;
        }
        match found {
            None => faults.push(Fault::new(format!("没有印出{what}"))),
            Some((width, height)) if width < least.0 || height < least.1 => {
                let text = format!("{what}太小，至少 {}×{} 毫米", least.0, least.1);
                faults.push(Fault::new(text));
            }
            Some(_) => {}
        }
    }
    faults
}

/// What every ticket says, by its name.
fn texts(ticket: &Ticket) -> Vec<(String, String)> {
    let content = &ticket.content;
    let mut texts: Vec<(String, String)> = [
        ("考试名称", &content.exam),
        ("姓名", &content.name),
        ("证件号码", &content.id_number),
        ("准考证号", &content.ticket_no_grouped),
        ("考点", &content.site),
        ("考点地址", &content.address),
        ("编排版本", &ticket.footer),
    ]
    .into_iter()
    .map(|(what, value)| (what.to_owned(), value.clone()))
    .collect();
    for (at, session) in (1..).zip(&content.sessions) {
        for (what, value) in [
            ("科目", &session.subject),
            ("日期", &session.date),
            ("时间", &session.time),
            ("考场", &session.room),
            ("座位", &session.seat),
        ] {
            texts.push((format!("第 {at} 场的{what}"), value.clone()));
        }
    }
    for (at, line) in (1..).zip(&content.notice) {
        texts.push((format!("考生须知第 {at} 条"), line.clone()));
    }
    if is_titled(&content.exam) {
        texts.push(("演练标记".to_owned(), PAPER.to_owned()));
    }
    texts
}

/// Without what a line break may add or swallow.
fn plain(value: &str) -> String {
    text::printable(value)
        .chars()
        .filter(|c| !text::is_invisible(*c) && *c != '-')
        .collect()
}

fn walk(frame: &Frame, (ts, page): (Transform, &Frame), wanted: &Wanted<'_>, seen: &mut Seen) {
    for (at, item) in frame.items() {
        let place = ts.pre_concat(Transform::translate(at.x, at.y));
        match item {
            FrameItem::Group(group) => {
                let inner = place.pre_concat(group.transform);
                walk(&group.frame, (inner, page), wanted, seen);
            }
            FrameItem::Text(run) if on(page, place) => seen.text.push_str(&plain(&run.text)),
            FrameItem::Image(image, size, _) if on(page, place) => {
                let scale = |ratio: f64, skew: f64| ratio.abs().max(skew.abs());
                let size = (
                    size.x.to_mm() * scale(place.sx.get(), place.ky.get()),
                    size.y.to_mm() * scale(place.sy.get(), place.kx.get()),
                );
                match image.kind() {
                    ImageKind::Svg(svg) if svg.data().as_slice() == wanted.bar.as_bytes() => {
                        seen.bar = Some(size);
                    }
                    ImageKind::Svg(svg) if svg.data().as_slice() == wanted.qr.as_bytes() => {
                        seen.qr = Some(size);
                    }
                    ImageKind::Raster(_) => seen.photo = Some(size),
                    ImageKind::Svg(_) | ImageKind::Pdf(_) => {}
                }
            }
            _ => {}
        }
    }
}

/// Whether something begins on the page.
fn on(page: &Frame, place: Transform) -> bool {
    let at = Point::zero().transform(place);
    let size = page.size();
    (0.0..=size.x.to_pt()).contains(&at.x.to_pt()) && (0.0..=size.y.to_pt()).contains(&at.y.to_pt())
}
