//! ONC RPC version 2 (RFC 5531 clause 9): the headers of calls and replies. Nobody is authenticated.

use super::calls::Procedure;
use super::record::record;
use super::xdr::{NoXdr, Xdr, messages};

const RPC_VERSION: u32 = 2;
const CALL: u32 = 0;
const REPLY: u32 = 1;
const ACCEPTED: u32 = 0;

messages! {
    /// A call's header, without what is asked.
    CallWords {
        /// Of the call; its reply bears it.
        xid: u32,
        /// 0.
        kind: u32,
        /// 2.
        rpc_version: u32,
        /// Which program.
        program: u32,
        /// Of the program.
        version: u32,
        /// Which procedure of it.
        procedure: u32,
        /// How who calls proves who it is: 0 for not at all.
        credential: u32,
        /// The proof.
        credential_body: Vec<u8>,
        /// The same the other way.
        verifier: u32,
        /// The same the other way.
        verifier_body: Vec<u8>,
    }

    /// A reply's header up to whether it was accepted.
    ReplyWords {
        /// Of the call.
        xid: u32,
        /// 1.
        kind: u32,
        /// 0 where the call was accepted.
        status: u32,
    }

    /// The rest of the header of an accepted reply.
    AcceptedWords {
        /// How who replies proves who it is.
        verifier: u32,
        /// The proof.
        verifier_body: Vec<u8>,
        /// 0 for done, else why not.
        status: u32,
    }
}

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Of the call; its reply bears it.
    pub xid: u32,
    /// Which program.
    pub program: u32,
    /// Of the program.
    pub version: u32,
    /// Which procedure of it.
    pub procedure: u32,
}

impl Call {
    /// Reads a call's header off a record; what is left is what is asked.
    ///
    /// # Errors
    /// The record is no call.
    pub fn parse(mut record: &[u8]) -> Result<(Self, &[u8]), ReplyError> {
        let words = CallWords::take(&mut record)?;
        if words.kind != CALL || words.rpc_version != RPC_VERSION {
            return Err(ReplyError::NoCall);
        }
        let CallWords { xid, program, version, procedure, .. } = words;
        Ok((Self { xid, program, version, procedure }, record))
    }

    /// Which procedure of an instrument it calls, if it is one.
    #[must_use]
    pub fn procedure(self) -> Option<Procedure> {
        Procedure::of_numbers(self.program, self.procedure)
    }

    /// As it goes on the wire, with what is asked.
    #[must_use]
    pub fn to_bytes(self, asked: &impl Xdr) -> Vec<u8> {
        let Self { xid, program, version, procedure } = self;
        let mut body = Vec::new();
        CallWords {
            xid,
            kind: CALL,
            rpc_version: RPC_VERSION,
            program,
            version,
            procedure,
            credential: 0,
            credential_body: Vec::new(),
            verifier: 0,
            verifier_body: Vec::new(),
        }
        .put(&mut body);
        asked.put(&mut body);
        record(&body)
    }
}

/// Why a call is not done (RFC 5531 clause 9, `accept_stat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such program.
    Program,
    /// There is no such version of it.
    Version,
    /// There is no such procedure.
    Procedure,
    /// What is asked cannot be read.
    Garbage,
}

impl Refused {
    fn number(self) -> u32 {
        match self {
            Self::Program => 1,
            Self::Version => 2,
            Self::Procedure => 3,
            Self::Garbage => 4,
        }
    }
}

/// A record that is no call or no reply that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// It is too short.
    #[error("no VXI-11: {0}")]
    Short(#[from] NoXdr),
    /// It is no call.
    #[error("no VXI-11: a record is no call of RPC version 2")]
    NoCall,
    /// It is no reply.
    #[error("no VXI-11: a record is no reply")]
    NoReply,
    /// The call was denied.
    #[error("the call was denied, as for who may not call")]
    Denied,
    /// The call was not done.
    #[error("the call was not done: {}", refusal_text(*.0))]
    Refused(u32),
}

fn refusal_text(number: u32) -> &'static str {
    match number {
        1 => "there is no such program",
        2 => "there is no such version of the program",
        3 => "there is no such procedure",
        4 => "what was asked could not be read",
        _ => "the other side has failed",
    }
}

/// A reply's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Of the call.
    pub xid: u32,
}

impl Reply {
    /// Reads a reply's header off a record: what is left is what is replied, or why there is nothing.
    ///
    /// # Errors
    /// The record is no reply.
    pub fn parse(mut record: &[u8]) -> Result<(Self, Result<&[u8], ReplyError>), ReplyError> {
        let words = ReplyWords::take(&mut record)?;
        if words.kind != REPLY {
            return Err(ReplyError::NoReply);
        }
        let header = Self { xid: words.xid };
        if words.status != ACCEPTED {
            return Ok((header, Err(ReplyError::Denied)));
        }
        match AcceptedWords::take(&mut record)?.status {
            0 => Ok((header, Ok(record))),
            status => Ok((header, Err(ReplyError::Refused(status)))),
        }
    }
}

/// A reply as it goes on the wire, with what is replied.
#[must_use]
pub fn reply(xid: u32, replied: &impl Xdr) -> Vec<u8> {
    let mut body = reply_header(xid, 0);
    replied.put(&mut body);
    record(&body)
}

/// The reply to a call that is not done.
#[must_use]
pub fn refusal(xid: u32, why: Refused) -> Vec<u8> {
    let mut body = reply_header(xid, why.number());
    if why == Refused::Version {
        // The least and the greatest version that there is.
        1_u32.put(&mut body);
        1_u32.put(&mut body);
    }
    record(&body)
}

fn reply_header(xid: u32, status: u32) -> Vec<u8> {
    let mut body = Vec::new();
    ReplyWords { xid, kind: REPLY, status: ACCEPTED }.put(&mut body);
    AcceptedWords { verifier: 0, verifier_body: Vec::new(), status }.put(&mut body);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_says_whose_it_is_also_where_it_says_no() {
        for (wire, wanted) in [
            (reply(7, &5_u32), Ok(5)),
            (refusal(7, Refused::Version), Err(ReplyError::Refused(2))),
            (
                record(b"\0\0\0\x07\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01"),
                Err(ReplyError::Denied),
            ),
        ] {
            let (header, said) = Reply::parse(wire.get(4..).unwrap()).unwrap();
            assert_eq!(header.xid, 7);
            assert_eq!(said.map(|rest| u32::of_bytes(rest).unwrap()), wanted);
        }
        let call = Call { xid: 1, program: 2, version: 3, procedure: 4 }.to_bytes(&0_u32);
        assert_eq!(Reply::parse(call.get(4..).unwrap()), Err(ReplyError::NoReply));
        assert!(Call::parse(reply(1, &0_u32).get(4..).unwrap()).is_err());
    }
}
