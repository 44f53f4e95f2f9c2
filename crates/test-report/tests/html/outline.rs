//! An HTML report as a reader's program sees it: XML that is well-formed, element by element.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// What a report consists of, and every attribute that could lead out of it.
#[derive(Default)]
pub(crate) struct Outline {
    /// Headings, captions, figures and rows, a line each.
    pub(crate) lines: Vec<String>,
    /// All text, without that of style and script.
    pub(crate) text: String,
    /// Values of `id`.
    pub(crate) ids: Vec<String>,
    /// What `href` and `src` name.
    pub(crate) links: Vec<String>,
    /// What `aria-labelledby` names.
    pub(crate) labels: Vec<String>,
    /// Names of all elements.
    pub(crate) elements: Vec<String>,
    open: Vec<String>,
}

/// Elements whose text is shown in the outline.
const TITLES: [&str; 5] = ["h1", "h2", "h3", "caption", "figcaption"];

impl Outline {
    /// Panics at what is no XML.
    pub(crate) fn of(html: &str) -> Self {
        let mut outline = Self::default();
        let mut reader = Reader::from_str(html);
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{error} in {html:.2000}")) {
                Event::Start(start) => outline.start(&start, false),
                Event::Empty(start) => outline.start(&start, true),
                Event::End(_) => {
                    outline.open.pop();
                }
                Event::Text(text) => outline.said(&text.decode().unwrap()),
                Event::GeneralRef(name) => outline.entity(&name.decode().unwrap()),
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(outline.open.is_empty(), "not closed: {:?}", outline.open);
        outline
    }

    fn start(&mut self, start: &BytesStart<'_>, is_empty: bool) {
        let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
        for attribute in start.attributes().with_checks(true) {
            let attribute = attribute.unwrap();
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned();
            match attribute.key.as_ref() {
                b"id" => self.ids.push(value),
                b"href" | b"src" => self.links.push(value),
                b"aria-labelledby" => self.labels.extend(value.split(' ').map(str::to_owned)),
                _ => {}
            }
        }
        if TITLES.contains(&name.as_str()) || name == "figure" {
            self.lines.push(format!("{name} "));
        }
        self.elements.push(name.clone());
        if !is_empty {
            self.open.push(name);
        }
    }

    fn said(&mut self, text: &str) {
        if self.open.iter().any(|name| ["style", "script"].contains(&name.as_str())) {
            return;
        }
        self.text.push_str(text);
        if self.open.iter().any(|name| TITLES.contains(&name.as_str()))
            && let Some(line) = self.lines.last_mut()
        {
            line.push_str(text);
        }
    }

    fn entity(&mut self, name: &str) {
        let character = match name {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "#39" => "'",
            other => panic!("&{other}; is not in XML"),
        };
        self.said(character);
    }

    /// How many elements of a name.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.elements.iter().filter(|own| *own == name).count()
    }
}
