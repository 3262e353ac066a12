//! As much JSON as the protocol needs. If your engine has serde_json, use that.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Flag(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn parse(line: &str) -> Result<Json, String> {
        let mut reader = Reader {
            rest: line.chars().peekable(),
        };
        let value = reader.value()?;
        match reader.next_sign() {
            None => Ok(value),
            Some(sign) => Err(format!("JSON goes on with {sign:?}")),
        }
    }

    /// The member of an object; null where there is none.
    pub fn get(&self, key: &str) -> &Json {
        let Json::Object(members) = self else {
            return &Json::Null;
        };
        let found = members.iter().find(|(name, _)| name == key);
        found.map_or(&Json::Null, |(_, value)| value)
    }

    /// A text, or a number as it is written.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) | Json::Number(text) => Some(text),
            _ => None,
        }
    }

    pub fn list(&self) -> &[Json] {
        if let Json::List(members) = self {
            members
        } else {
            &[]
        }
    }

    pub fn members(&self) -> &[(String, Json)] {
        if let Json::Object(members) = self {
            members
        } else {
            &[]
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_string())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(members: Vec<T>) -> Json {
        Json::List(members.into_iter().map(Into::into).collect())
    }
}

/// An object of its members.
pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.map(|(key, value)| (key.to_string(), value)).into())
}

impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Json::Null => out.write_str("null"),
            Json::Flag(flag) => write!(out, "{flag}"),
            Json::Number(number) => out.write_str(number),
            Json::Text(text) => write_text(out, text),
            Json::List(members) => {
                out.write_str("[")?;
                for (index, member) in members.iter().enumerate() {
                    write!(out, "{}{member}", if index > 0 { "," } else { "" })?;
                }
                out.write_str("]")
            }
            Json::Object(members) => {
                out.write_str("{")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    out.write_str(if index > 0 { "," } else { "" })?;
                    write_text(out, key)?;
                    write!(out, ":{value}")?;
                }
                out.write_str("}")
            }
        }
    }
}

fn write_text(out: &mut fmt::Formatter, text: &str) -> fmt::Result {
    out.write_str("\"")?;
    for sign in text.chars() {
        match sign {
            '"' | '\\' => write!(out, "\\{sign}")?,
            '\u{0}'..='\u{1f}' => write!(out, "\\u{:04x}", u32::from(sign))?,
            _ => write!(out, "{sign}")?,
        }
    }
    out.write_str("\"")
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    fn next_sign(&mut self) -> Option<char> {
        while self
            .rest
            .next_if(|sign| sign.is_ascii_whitespace())
            .is_some()
        {}
        self.rest.peek().copied()
    }

    fn value(&mut self) -> Result<Json, String> {
        match self.next_sign() {
            Some('{') => self.members('}', Self::member).map(Json::Object),
            Some('[') => self.members(']', Self::value).map(Json::List),
            Some('"') => self.text().map(Json::Text),
            Some(_) => self.word(),
            None => Err("JSON ends too soon".to_string()),
        }
    }

    fn members<T>(
        &mut self,
        end: char,
        read: fn(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.rest.next();
        let mut members = Vec::new();
        while self.next_sign() != Some(end) {
            if !members.is_empty() {
                self.expect(',')?;
            }
            members.push(read(self)?);
        }
        self.rest.next();
        Ok(members)
    }

    fn member(&mut self) -> Result<(String, Json), String> {
        self.next_sign();
        let key = self.text()?;
        self.expect(':')?;
        Ok((key, self.value()?))
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        self.next_sign();
        match self.rest.next() {
            Some(sign) if sign == wanted => Ok(()),
            other => Err(format!("JSON has {other:?} in place of {wanted:?}")),
        }
    }

    fn word(&mut self) -> Result<Json, String> {
        let mut word = String::new();
        let is_part = |sign: &char| sign.is_ascii_alphanumeric() || "+-.".contains(*sign);
        while let Some(sign) = self.rest.next_if(is_part) {
            word.push(sign);
        }
        match word.as_str() {
            "null" => Ok(Json::Null),
            "true" | "false" => Ok(Json::Flag(word == "true")),
            _ if word.parse::<f64>().is_ok() => Ok(Json::Number(word)),
            _ => Err(format!("JSON has the unknown word {word:?}")),
        }
    }

    fn text(&mut self) -> Result<String, String> {
        self.expect('"')?;
        let mut units: Vec<u16> = Vec::new();
        loop {
            match self.rest.next().ok_or("a text of JSON does not end")? {
                '"' => return String::from_utf16(&units).map_err(|e| e.to_string()),
                '\\' => units.push(self.escape()?),
                sign => units.extend(sign.encode_utf16(&mut [0; 2]).iter()),
            }
        }
    }

    fn escape(&mut self) -> Result<u16, String> {
        let sign = self.rest.next().ok_or("a text of JSON does not end")?;
        match sign {
            '"' | '\\' | '/' => Ok(sign as u16),
            'b' => Ok(8),
            'f' => Ok(12),
            'n' => Ok(10),
            'r' => Ok(13),
            't' => Ok(9),
            'u' => {
                let digits: String = self.rest.by_ref().take(4).collect();
                u16::from_str_radix(&digits, 16).map_err(|error| error.to_string())
            }
            _ => Err(format!("JSON has the unknown escape \\{sign}")),
        }
    }
}
