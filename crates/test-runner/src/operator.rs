//! Who answers the plan's questions.

use std::future::Future;
use std::pin::Pin;

/// A question as it is put to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Where in the plan.
    pub place: String,
    /// What is asked.
    pub text: String,
    /// A picture that shows it: a path as the plan writes it.
    pub picture: Option<String>,
    /// What an answer may be.
    pub wanted: String,
    /// What was wrong with the answer before, where there was one.
    pub complaint: Option<String>,
}

/// An answer that comes some time.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<String, String>> + 'a>>;

/// Who answers the plan's questions.
pub trait Operator {
    /// Whether somebody is there to be asked.
    fn is_there(&self) -> bool;

    /// Asks, and waits for one line. A future that is dropped takes the question back.
    ///
    /// The error says why no answer will come.
    fn ask<'a>(&'a self, question: &'a Question) -> Answering<'a>;
}

/// Nobody is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Operator for Nobody {
    fn is_there(&self) -> bool {
        false
    }

    fn ask<'a>(&'a self, _: &'a Question) -> Answering<'a> {
        Box::pin(std::future::ready(Err("nobody is there to answer".to_owned())))
    }
}
