//! The parameters in force.

use std::collections::BTreeMap;

use bench_model::Quantity;

use crate::suggest;

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) text: String,
    /// Where the text is a quantity.
    pub(crate) quantity: Option<Quantity>,
}

impl Given {
    pub(crate) fn of(text: &str) -> Self {
        Self { text: text.to_owned(), quantity: text.parse().ok() }
    }
}

/// All parameters with the values in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters {
    by_name: BTreeMap<String, Given>,
}

impl Parameters {
    pub(crate) fn set(&mut self, name: &str, given: Given) {
        self.by_name.insert(name.to_owned(), given);
    }

    /// Every name with its value as text.
    pub(crate) fn texts(&self) -> BTreeMap<String, String> {
        self.by_name.iter().map(|(name, given)| (name.clone(), given.text.clone())).collect()
    }

    /// The value of a parameter as text; else what is wrong.
    pub(crate) fn text(&self, name: &str) -> Result<&str, String> {
        self.get(name).map(|given| given.text.as_str())
    }

    /// The value of a parameter that is a quantity; else what is wrong.
    pub(crate) fn quantity(&self, name: &str) -> Result<&Quantity, String> {
        let given = self.get(name)?;
        given.quantity.as_ref().ok_or_else(|| {
            format!("${name} is the text '{}'; a quantity is wanted here", given.text)
        })
    }

    fn get(&self, name: &str) -> Result<&Given, String> {
        self.by_name.get(name).ok_or_else(|| {
            let names = self.by_name.keys().map(String::as_str);
            format!("there is no parameter '{name}'{}", suggest::instead(name, names))
        })
    }
}
