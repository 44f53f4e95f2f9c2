//! What is asked of the infrastructure.

use bench_model::Unit;

use crate::axes::AxisValues;
use crate::file::Node;
use crate::infrastructure::{InspectionDraft, InspectionKind, InspectionOwner, InspectionTarget};
use crate::suggest;

use super::Checker;
use super::actions::usual_limit;

/// What a file of certificates has in it (RFC 7468).
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

const ADDRESSES: [&str; 3] = ["tcp", "http", "lookup"];

impl Checker<'_> {
    pub(super) fn inspection(
        &mut self,
        node: &Node,
        path: &str,
        axes: Option<&[AxisValues]>,
    ) -> Option<InspectionDraft> {
        let timeout = self.time_above_zero(node, "timeout");
        let [device, service] = ["device", "service"].map(|key| node.owned(key));
        let second = Unit::second();
        let latency = self.limit_under(node, "latency", axes, Some(&second));
        let ca = self.ca(node);
        let kind = self.inspection_kind(node)?;
        let unit = kind.unit();
        self.leaf(path, axes, Some(unit.clone()));
        if node.has("latency") {
            self.leaf(&format!("{path}/latency"), axes, Some(Some(second)));
        }
        let limit = match node.has("limit") {
            true => self.limit(node, axes, None, unit.as_ref())?,
            false => usual_limit(kind.usual_limit(), node)?,
        };
        Some(InspectionDraft {
            kind,
            limit,
            latency,
            timeout,
            ca,
            owner: InspectionOwner { device, service },
        })
    }

    /// The authorities that a plan trusts. Where there is no file, it says so now, and not at night.
    fn ca(&mut self, node: &Node) -> Option<String> {
        let file = node.text("ca")?;
        if node.text("http").is_none_or(|text| text.value.starts_with("http://")) {
            self.fault(&file.span, "'ca' belongs to http = \"https://HOST/PATH\"");
        }
        match self.sources.read(file.value) {
            Ok(text) if text.contains(CERTIFICATE) => Some(text),
            Ok(_) => {
                let message = format!("'{}' has no certificate in PEM: {CERTIFICATE}", file.value);
                self.fault(&file.span, message);
                None
            }
            Err(message) => {
                self.fault(&file.span, message);
                None
            }
        }
    }

    fn inspection_kind(&mut self, node: &Node) -> Option<InspectionKind> {
        let all = || ADDRESSES.into_iter().chain(["identity"]);
        let given: Vec<_> = all().filter(|key| node.has(key)).collect();
        let [kind] = given.as_slice() else {
            let all = suggest::listed(all()).unwrap_or_default();
            self.fault(&node.span, format!("one of {all} is wanted"));
            return None;
        };
        let text = node.text(kind)?;
        if *kind == "identity" {
            return self.role_named(text).map(|role| InspectionKind::Identity(role.name.clone()));
        }
        let template = self.template(text)?;
        let filled = self.resolved(|resolver| resolver.fill(&template))?;
        if let Err(message) = InspectionTarget::parse(kind, &filled) {
            self.fault(&template.span, message);
            return None;
        }
        Some(InspectionKind::Address { kind, text: template })
    }
}
