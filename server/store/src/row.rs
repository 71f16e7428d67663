//! Columns to values, with the place named when a column holds what it cannot hold.

use std::str::FromStr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::timestamp::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row, any::AnyRow};

use crate::Error;

/// The bytes that were stored in pieces (base64 in the column `data`), from their rows in order; `None` when there are none.
pub(crate) fn joined(rows: &[AnyRow], table: &'static str, id: &str) -> Result<Option<Vec<u8>>, Error> {
    if rows.is_empty() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    for row in rows {
        let data: String = row.try_get("data")?;
        bytes.extend(STANDARD.decode(&data).map_err(|_| Error::Inconsistent {
            table,
            column: "data",
            id: id.to_owned(),
            value: data.chars().take(20).collect(),
        })?);
    }
    Ok(Some(bytes))
}

/// A row being read: knows its table and id for error messages.
pub(crate) struct Reader<'r> {
    row: &'r AnyRow,
    table: &'static str,
    id: String,
}

impl<'r> Reader<'r> {
    pub(crate) fn new(row: &'r AnyRow, table: &'static str, id_column: &str) -> Self {
        let id = row.try_get::<String, _>(id_column).unwrap_or_default();
        Self { row, table, id }
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String, Error> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn text_opt(&self, column: &'static str) -> Result<Option<String>, Error> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn int(&self, column: &'static str) -> Result<i64, Error> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn int_opt(&self, column: &'static str) -> Result<Option<i64>, Error> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn flag(&self, column: &'static str) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, Error> {
        self.int(column).map(Timestamp::from_millis)
    }

    pub(crate) fn time_opt(&self, column: &'static str) -> Result<Option<Timestamp>, Error> {
        Ok(self.int_opt(column)?.map(Timestamp::from_millis))
    }

    /// A column that parses into `T`.
    pub(crate) fn parse<T: FromStr>(&self, column: &'static str) -> Result<T, Error> {
        let text = self.text(column)?;
        text.parse().map_err(|_| self.inconsistent(column, &text))
    }

    pub(crate) fn parse_opt<T: FromStr>(&self, column: &'static str) -> Result<Option<T>, Error> {
        let Some(text) = self.text_opt(column)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.inconsistent(column, &text))
    }

    /// A column that one of our `parse` functions reads.
    pub(crate) fn word<T>(&self, column: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, Error> {
        let text = self.text(column)?;
        parse(&text).ok_or_else(|| self.inconsistent(column, &text))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, Error> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|_| self.inconsistent(column, &text))
    }

    pub(crate) fn json_opt<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, Error> {
        let Some(text) = self.text_opt(column)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|_| self.inconsistent(column, &text))
    }

    fn inconsistent(&self, column: &'static str, value: &str) -> Error {
        Error::Inconsistent { table: self.table, column, id: self.id.clone(), value: value.chars().take(80).collect() }
    }
}

/// JSON text of a value of ours.
pub(crate) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("domain values have text keys, so they serialise")
}

/// A pattern for `like … escape '\'` that matches the text anywhere, without regard to case; empty text matches all.
pub(crate) fn like(text: &str) -> String {
    let escaped: String = text
        .trim()
        .to_lowercase()
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    format!("%{escaped}%")
}

/// A count as the unsigned number it is.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
