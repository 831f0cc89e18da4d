#pragma once

#include "history/sqlite.h"

namespace halfclosed::history {

/// The tables, and the numbers that say whose they are: PRAGMA application_id and user_version.
///
/// Times come in pairs: *_ns on the monotonic clock of the socket's boot, *_ms on the wall clock as it stood then, since
/// 1970. Names of states, causes and the like are as in JSON; netns is NamespaceId.
inline constexpr int kApplicationId = 0x68634c44;
inline constexpr int kVersion = 2;

/// Makes the tables of an empty file. Throws SqliteError.
void create_tables(const Connection& connection);

/// Whether the file is empty, ours, or neither: then why. Throws SqliteError.
enum class Content { empty, ours, other_version, foreign };
Content content_of(const Connection& connection);

}  // namespace halfclosed::history
