//! A SQLite database in memory, read only: tables, and rows of the columns that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gobo_show::diagnostic::{Diagnostic, Place, Spot};
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, MAIN_DB};

/// The first bytes of every SQLite 3 file.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// A database, and what its tables have.
pub(super) struct Database {
    connection: Connection,
    file: Arc<str>,
    /// The columns of each table.
    tables: BTreeMap<String, BTreeSet<String>>,
}

/// A row: the columns that were asked for and are there, without those that are NULL.
#[derive(Clone, Debug, Default)]
pub(super) struct Row(BTreeMap<&'static str, Value>);

impl Database {
    /// Opens the bytes of a database.
    ///
    /// # Errors
    /// `no-database` when they are none, or a damaged one.
    pub(super) fn open(bytes: &[u8], file: &str) -> Result<Self, Diagnostic> {
        let place = Place { file: file.into(), spot: Spot::File };
        let refuse = |why: String| Diagnostic::error("no-database", place.clone(), why);
        if !bytes.starts_with(MAGIC) || bytes.len() < 512 {
            return Err(refuse("this is no SQLite database".to_owned()));
        }
        let mut bytes = bytes.to_vec();
        // A database in memory has no write-ahead log; what the file says of one does not matter
        // to a reader (file format 1.3.3: 2 means a log, 1 none).
        bytes[18..20].fill(1);
        let read = || -> rusqlite::Result<(Connection, BTreeMap<_, _>)> {
            let mut connection = Connection::open_in_memory()?;
            connection.deserialize_read_exact(MAIN_DB, bytes.as_slice(), bytes.len(), true)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
            let tables = tables(&connection)?;
            Ok((connection, tables))
        };
        let (connection, tables) =
            read().map_err(|error| refuse(format!("this database cannot be read: {error}")))?;
        Ok(Self { connection, file: file.into(), tables })
    }

    /// The file as a whole.
    pub(super) fn place(&self) -> Place {
        Place { file: self.file.clone(), spot: Spot::File }
    }

    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables.get(table).is_some_and(|columns| columns.contains(column))
    }

    /// How many rows a table has, or how many that are not NULL in a column; 0 when it is not there.
    pub(super) fn count(&self, table: &str, column: Option<&str>) -> Result<i64, Diagnostic> {
        if !self.has(table) || column.is_some_and(|column| !self.has_column(table, column)) {
            return Ok(0);
        }
        let what = column.map_or("*".to_owned(), |column| format!("\"{column}\""));
        let query = format!("SELECT count({what}) FROM \"{table}\"");
        let count = self.connection.query_row(&query, [], |row| row.get(0));
        count.map_err(|error| self.damaged(table, &error))
    }

    /// The rows of a table, in the order in which they were added; none when it is not there.
    ///
    /// # Errors
    /// `damaged-table` when they cannot be read.
    pub(super) fn rows(
        &self,
        table: &str,
        columns: &[&'static str],
    ) -> Result<Vec<Row>, Diagnostic> {
        let there: Vec<&'static str> =
            columns.iter().copied().filter(|column| self.has_column(table, column)).collect();
        if there.is_empty() {
            return Ok(Vec::new());
        }
        let names = there.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let read = || -> rusqlite::Result<Vec<Row>> {
            let query = format!("SELECT {names} FROM \"{table}\" ORDER BY rowid");
            let mut statement = self.connection.prepare(&query)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let mut values = BTreeMap::new();
                for (index, name) in there.iter().enumerate() {
                    match row.get::<_, Value>(index)? {
                        Value::Null => {}
                        value => drop(values.insert(*name, value)),
                    }
                }
                found.push(Row(values));
            }
            Ok(found)
        };
        read().map_err(|error| self.damaged(table, &error))
    }

    fn damaged(&self, table: &str, error: &rusqlite::Error) -> Diagnostic {
        let message = format!("the table `{table}` cannot be read: {error}");
        Diagnostic::error("damaged-table", self.place(), message)
    }
}

fn tables(connection: &Connection) -> rusqlite::Result<BTreeMap<String, BTreeSet<String>>> {
    // Views are left alone: nothing of the file is run.
    let mut names = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?;
    let mut tables = BTreeMap::new();
    for name in names {
        let name = name?;
        let mut columns = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns = columns.query_map([&name], |row| row.get(0))?;
        tables.insert(name, columns.collect::<rusqlite::Result<_>>()?);
    }
    Ok(tables)
}

impl Row {
    /// A key of this or of another table: a whole number, or text.
    pub(super) fn key(&self, column: &str) -> Option<String> {
        match self.0.get(column)? {
            Value::Integer(number) => Some(number.to_string()),
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// Text that is not empty.
    pub(super) fn text(&self, column: &str) -> Option<String> {
        match self.0.get(column)? {
            Value::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    /// A finite number.
    pub(super) fn number(&self, column: &str) -> Option<f64> {
        match self.0.get(column)? {
            Value::Integer(number) => Some(*number as f64),
            Value::Real(number) => Some(*number).filter(|number| number.is_finite()),
            _ => None,
        }
    }

    /// A whole number.
    pub(super) fn whole(&self, column: &str) -> Option<i64> {
        match self.0.get(column)? {
            Value::Integer(number) => Some(*number),
            Value::Real(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                Some(*number as i64)
            }
            _ => None,
        }
    }
}
