//! The driver protocol (docs/decisions/0002-driver-protocol.md): JSON Lines, requests in, replies and notifications out.
use ldk_node::bitcoin::hex::FromHex;
use ldk_node::bitcoin::secp256k1::PublicKey;
use serde::Deserialize;
use serde_json::{json, Map, Value};
use std::fmt::Display;
use std::io::{stdout, Write};
use std::str::FromStr;
use std::sync::Mutex;

pub const START: &str = "boltgrid:start";
pub const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;
/// Of an error's text.
const MAX_MESSAGE_CHARS: usize = 1000;

#[derive(Deserialize)]
pub struct Request {
    pub id: u64,
    pub op: String,
    pub params: Map<String, Value>,
}

/// Why an operation did not succeed: a code of the protocol, and words for people.
#[derive(Debug, PartialEq)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
}

pub type Answer = Result<Value, Fault>;

pub fn fault(code: &'static str, message: impl Display) -> Fault {
    let message = message.to_string().chars().take(MAX_MESSAGE_CHARS).collect();
    Fault { code, message }
}

pub fn rejected(message: impl Display) -> Fault {
    fault("rejected", message)
}

pub fn not_ready(message: impl Display) -> Fault {
    fault("not-ready", message)
}

pub fn internal(message: impl Display) -> Fault {
    fault("internal", message)
}

/// Standard output, which is the protocol's alone: one line at a time, whichever thread writes it.
static OUTPUT: Mutex<()> = Mutex::new(());

fn write(line: &Value) {
    let _turn = OUTPUT.lock().unwrap();
    let mut out = stdout().lock();
    if out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(1); // Nobody reads any more.
    }
}

pub fn reply(id: u64, answer: Answer) {
    write(&match answer {
        Ok(result) => json!({ "id": id, "result": result }),
        Err(Fault { code, message }) => {
            json!({ "id": id, "error": { "code": code, "message": message } })
        }
    });
}

/// Something may look different now.
pub fn changed() {
    write(&json!({ "event": "changed" }));
}

/// An object without the fields that are null: what is not known is left out.
pub fn known(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, field| !field.is_null());
    }
    value
}

/// The params of one request. Each is taken out as it is read, so that `refuse_rest` sees what nobody asked for.
pub struct Params(pub Map<String, Value>);

impl Params {
    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    pub fn text_maybe(&mut self, name: &str) -> Result<Option<String>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(internal(format!("{name} is not text"))),
        }
    }

    pub fn text(&mut self, name: &str) -> Result<String, Fault> {
        required(name, self.text_maybe(name)?)
    }

    /// A value that is read from text: an amount, a key, an invoice.
    pub fn parsed_maybe<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        let text = self.text_maybe(name)?;
        let parsed = text.map(|text| text.parse().map_err(|_| rejected(format!("{name} cannot be read"))));
        parsed.transpose()
    }

    pub fn parsed<T: FromStr>(&mut self, name: &str) -> Result<T, Fault> {
        required(name, self.parsed_maybe(name)?)
    }

    pub fn amount(&mut self, name: &str) -> Result<u64, Fault> {
        self.parsed(name)
    }

    pub fn amount_maybe(&mut self, name: &str) -> Result<Option<u64>, Fault> {
        self.parsed_maybe(name)
    }

    /// A JSON number (counts, ports, seconds).
    pub fn number_maybe<T: TryFrom<u64>>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        let value = self.take(name);
        let number = value.map(|value| {
            let number = value.as_u64().ok_or_else(|| internal(format!("{name} is not a number")))?;
            T::try_from(number).map_err(|_| rejected(format!("{name} is too large: {number}")))
        });
        number.transpose()
    }

    pub fn flag_maybe(&mut self, name: &str) -> Result<Option<bool>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(internal(format!("{name} is neither true nor false"))),
        }
    }

    pub fn public_key(&mut self) -> Result<PublicKey, Fault> {
        self.parsed("publicKey")
    }

    pub fn bytes32_maybe(&mut self, name: &str) -> Result<Option<[u8; 32]>, Fault> {
        let text = self.text_maybe(name)?;
        let bytes = text.map(|text| {
            <[u8; 32]>::from_hex(&text)
                .map_err(|_| internal(format!("{name} is not 32 bytes in hexadecimal")))
        });
        bytes.transpose()
    }

    pub fn bytes32(&mut self, name: &str) -> Result<[u8; 32], Fault> {
        required(name, self.bytes32_maybe(name)?)
    }

    pub fn object_maybe(&mut self, name: &str) -> Result<Option<Map<String, Value>>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(fields)),
            Some(_) => Err(internal(format!("{name} is not an object"))),
        }
    }

    /// No option is passed over in silence: what node.json does not declare in `lacks`, and nobody read, is refused here.
    pub fn refuse_rest(self) -> Result<(), Fault> {
        let rest: Vec<&str> =
            self.0.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str()).collect();
        if rest.is_empty() {
            return Ok(());
        }
        Err(fault("not-offered", format!("nothing is done here with {}", rest.join(", "))))
    }
}

fn required<T>(name: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| internal(format!("{name} is missing")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(value: Value) -> Params {
        match value {
            Value::Object(fields) => Params(fields),
            _ => unreachable!(),
        }
    }

    #[test]
    fn amounts_are_decimal_text_up_to_64_bits() {
        let mut p = params(json!({ "a": "18446744073709551615", "b": "18446744073709551616", "c": 5 }));
        assert_eq!(p.amount("a"), Ok(u64::MAX));
        assert_eq!(p.amount("b").unwrap_err().code, "rejected");
        assert_eq!(p.amount("c").unwrap_err().code, "internal");
        assert_eq!(p.amount("d").unwrap_err().code, "internal");
        assert_eq!(p.amount_maybe("d"), Ok(None));
    }

    #[test]
    fn options_that_nobody_read_are_refused_by_name() {
        let mut p = params(json!({ "address": "x", "feeratePerKw": 253, "gone": null }));
        assert_eq!(p.text("address").as_deref(), Ok("x"));
        let refused = p.refuse_rest().unwrap_err();
        assert_eq!(refused.code, "not-offered");
        assert!(refused.message.ends_with(" feeratePerKw"));
        assert_eq!(params(json!({ "gone": null })).refuse_rest(), Ok(()));
    }

    #[test]
    fn a_flag_is_true_false_or_not_given() {
        let mut p = params(json!({ "yes": true, "no": false, "text": "true" }));
        assert_eq!(p.flag_maybe("yes"), Ok(Some(true)));
        assert_eq!(p.flag_maybe("no"), Ok(Some(false)));
        assert_eq!(p.flag_maybe("absent"), Ok(None));
        assert_eq!(p.flag_maybe("text").unwrap_err().code, "internal");
    }

    #[test]
    fn unknown_fields_are_left_out() {
        assert_eq!(known(json!({ "a": null, "b": 0 })), json!({ "b": 0 }));
    }
}
