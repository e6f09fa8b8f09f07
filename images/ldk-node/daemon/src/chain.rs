//! A client for what the daemon itself asks of bitcoind: ldk-node keeps its own to itself.
use ldk_node::bitcoin::OutPoint;
use serde_json::{json, Value};
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer is a block with all its transactions.
const MAX_ANSWER_BYTES: u64 = 64 * 1024 * 1024;

pub struct Chain {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: String,
}

impl Chain {
    /// `url` is `http://host:port/`.
    pub fn new(url: &str, user: String, password: String) -> Result<Self, String> {
        let (host, port) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.trim_end_matches('/').rsplit_once(':'))
            .ok_or("the chain's url is not http://host:port/")?;
        let port = port.parse().map_err(|_| "the chain's url has no port")?;
        Ok(Chain { host: host.to_string(), port, user, password })
    }

    pub fn height(&self) -> Result<u32, String> {
        let height = self.call("getblockcount", json!([]))?;
        height.as_u64().and_then(|height| height.try_into().ok()).ok_or("no height".to_string())
    }

    pub fn tip(&self) -> Result<String, String> {
        let hash = self.call("getbestblockhash", json!([]))?;
        hash.as_str().map(String::from).ok_or("no hash".to_string())
    }

    /// Whether an output exists and nothing spends it, in blocks or the mempool.
    pub fn is_unspent(&self, output: OutPoint) -> Result<bool, String> {
        let found = self.call("gettxout", json!([output.txid.to_string(), output.vout, true]))?;
        Ok(!found.is_null())
    }

    /// Whether the backend has taken a transaction: it waits, or an output of it is unspent in a block.
    pub fn has(&self, txid: &str) -> Result<bool, String> {
        if self.call("getmempoolentry", json!([txid])).is_ok() {
            return Ok(true);
        }
        for vout in 0..2 {
            if !self.call("gettxout", json!([txid, vout, true]))?.is_null() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The transaction in the mempool that spends an output.
    pub fn waiting_spender(&self, output: OutPoint) -> Result<Option<String>, String> {
        let asked = json!([[{ "txid": output.txid.to_string(), "vout": output.vout }]]);
        let found = self.call("gettxspendingprevout", asked)?;
        Ok(found[0]["spendingtxid"].as_str().map(String::from))
    }

    /// The transaction in the block at `height` that spends an output.
    pub fn spender_in_block(&self, height: u32, output: OutPoint) -> Result<Option<String>, String> {
        let hash = self.call("getblockhash", json!([height]))?;
        let block = self.call("getblock", json!([hash, 2]))?;
        let txid = output.txid.to_string();
        let spends = |tx: &&Value| {
            let inputs = tx["vin"].as_array();
            inputs.is_some_and(|inputs| {
                inputs.iter().any(|input| input["txid"] == txid && input["vout"] == output.vout)
            })
        };
        let found = block["tx"].as_array().and_then(|all| all.iter().find(spends));
        Ok(found.and_then(|tx| tx["txid"].as_str()).map(String::from))
    }

    fn call(&self, method: &str, params: Value) -> Result<Value, String> {
        let body = json!({ "id": 0, "method": method, "params": params }).to_string();
        let answer = self.post(&body).map_err(|error| format!("bitcoind, {method}: {error}"))?;
        let mut answer: Value = serde_json::from_str(&answer)
            .map_err(|_| format!("bitcoind, {method}: no JSON in its answer"))?;
        match answer["error"].take() {
            Value::Null => Ok(answer["result"].take()),
            error => Err(format!("bitcoind, {method}: {error}")),
        }
    }

    /// HTTP/1.0, so that the answer ends with the connection.
    fn post(&self, body: &str) -> std::io::Result<String> {
        let address = (self.host.as_str(), self.port).to_socket_addrs()?.next();
        let address = address.ok_or_else(|| std::io::Error::other("the host has no address"))?;
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        let credentials = base64(format!("{}:{}", self.user, self.password).as_bytes());
        let head = format!(
            "POST / HTTP/1.0\r\nHost: {}:{}\r\nAuthorization: Basic {credentials}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.host, self.port, body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes())?;
        let mut answer = String::new();
        stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer)?;
        let (_, content) =
            answer.split_once("\r\n\r\n").ok_or_else(|| std::io::Error::other("no HTTP answer"))?;
        Ok(content.to_string())
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = [0, 1, 2].map(|i| u32::from(*chunk.get(i).unwrap_or(&0)));
        let group = group[0] << 16 | group[1] << 8 | group[2];
        for digit in 0..4 {
            let bits = (group >> (18 - 6 * digit)) & 63;
            text.push(if digit <= chunk.len() { DIGITS[bits as usize] as char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_the_vectors_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (text, encoded) in vectors {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }

    #[test]
    fn the_url_gives_host_and_port() {
        let chain = Chain::new("http://bitcoind:18443/", "u".into(), "p".into()).unwrap();
        assert_eq!((chain.host.as_str(), chain.port), ("bitcoind", 18443));
        assert!(Chain::new("https://bitcoind:18443/", "u".into(), "p".into()).is_err());
        assert!(Chain::new("http://bitcoind/", "u".into(), "p".into()).is_err());
    }
}
