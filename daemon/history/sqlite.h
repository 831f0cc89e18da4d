#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

struct sqlite3;
struct sqlite3_stmt;

namespace halfclosed::history {

/// What SQLite refused: "cannot write: database or disk is full".
class SqliteError : public std::runtime_error {
 public:
    SqliteError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}

    /// The file is damaged, or no database of ours: anything that neither the system nor another process is to blame
    /// for, since what is asked of it never changes.
    bool damaged() const;
    /// The file is not to be written: by its permissions, or because it says so of itself.
    bool read_only() const;

 private:
    int code_;  ///< as sqlite3.h numbers them, extended
};

/// A prepared statement. Values are bound from 1, columns read from 0, as SQLite counts them.
class Statement {
 public:
    Statement(sqlite3* connection, const std::string& sql);
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Binds the values in their order and forgets what was bound before.
    template <typename... Values>
    Statement& with(const Values&... values) {
        reset();
        int index = 0;
        (bind(++index, values), ...);
        return *this;
    }

    /// Whether there is a row. Throws SqliteError.
    bool step();
    /// For a statement that yields no rows. Throws SqliteError.
    void run();
    void reset();

    std::int64_t integer(int column) const;
    std::optional<std::int64_t> maybe_integer(int column) const;
    std::string text(int column) const;
    std::optional<std::string> maybe_text(int column) const;

 private:
    void bind(int index, std::int64_t value);
    void bind(int index, const std::string& value);
    void bind(int index, const char* value) { bind(index, std::string(value)); }
    template <typename Value>
    requires std::is_integral_v<Value>
    void bind(int index, Value value) { bind(index, static_cast<std::int64_t>(value)); }
    template <typename Value>
    void bind(int index, const std::optional<Value>& value) {
        if (value) {
            bind(index, *value);
        } else {
            bind_null(index);
        }
    }
    void bind_null(int index);
    void check(int code) const;

    sqlite3_stmt* statement_ = nullptr;
};

/// Ends what a connection is doing, in an error, from another thread; nothing once the connection is closed. Thread-safe.
class Interrupter {
 public:
    explicit Interrupter(sqlite3* connection) : connection_(connection) {}
    void interrupt();

 private:
    friend class Connection;
    void forget();

    std::mutex mutex_;
    sqlite3* connection_;  ///< under the mutex; null: closed
};

/// An open database. Of one thread at a time.
class Connection {
 public:
    enum class Mode {
        write,  ///< makes the file if it is not there
        read,
    };

    /// Throws SqliteError.
    Connection(const std::string& path, Mode mode);
    ~Connection();
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;
    Connection(const Connection&) = delete;

    Statement prepare(const std::string& sql) const { return {connection_, sql}; }
    /// One or several statements without values. Throws SqliteError.
    void execute(const std::string& sql) const;
    /// The first column of the first row. Throws SqliteError; std::out_of_range if there is none.
    std::int64_t number(const std::string& sql) const;
    std::int64_t last_row() const;
    int changes() const;
    /// From now until so much later: what still runs then ends in an error. 0: no limit any more.
    void set_time_limit(std::chrono::milliseconds limit) const;
    /// For what a time limit does not reach: one step that takes long by itself, as a check of the whole file.
    std::shared_ptr<Interrupter> interrupter() const { return interrupter_; }

 private:
    sqlite3* connection_ = nullptr;
    std::shared_ptr<Interrupter> interrupter_;  ///< null where there is no connection
};

/// Undone unless it is committed.
class Transaction {
 public:
    explicit Transaction(const Connection& connection) : connection_(connection) {
        connection_.execute("BEGIN IMMEDIATE");
    }
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

 private:
    const Connection& connection_;
    bool open_ = true;
};

}  // namespace halfclosed::history
