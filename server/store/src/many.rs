//! `in (…)` over a list of any length, with texts that are prepared once: pieces of [`MANY`], the last filled up with ids that
//! nothing has.

use domain::ids::VmId;
use sqlx::{Any, any::AnyArguments, query::Query};

/// Ids in one statement.
pub(crate) const MANY: usize = 50;

/// `$before in ($1, …, $50) $after`.
macro_rules! in_many {
    ($before:expr, $after:literal) => {
        concat!(
            $before,
            "in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
                 $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, \
                 $41, $42, $43, $44, $45, $46, $47, $48, $49, $50)",
            $after
        )
    };
}
pub(crate) use in_many;

/// Binds at most [`MANY`] machines to the placeholders of [`in_many`].
pub(crate) fn bind_many<'q>(query: Query<'q, Any, AnyArguments>, vms: &[VmId]) -> Query<'q, Any, AnyArguments> {
    (0..MANY).fold(query, |query, at| query.bind(vms.get(at).map(ToString::to_string).unwrap_or_default()))
}
