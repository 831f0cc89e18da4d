#include <string>

#include "history/history_file.h"
#include "history/socket_writer.h"

namespace halfclosed::history {

// What a daemon writes into its history, and what it deletes from it.

namespace {

constexpr int kPruneRows = 5'000;

}  // namespace

void HistoryFile::write(const Batch& batch) {
    if (connection_ && !is_in_place()) {
        connection_.reset();
    }
    if (!connection_) {
        open();
    }
    guarded([&] {
        Transaction transaction(*connection_);
        write_observed(batch);
        write_ends(batch.ends);  // first: one that was lost from sight may be back
        SocketWriter writer(*connection_, boot_, batch.namespaces);
        for (const RecordedSocket& socket : batch.sockets) {
            writer.write(socket);
        }
        if (batch.counts) {
            write_counts(batch, *batch.counts);
        }
        prune(batch.now);
        transaction.commit();
    });
}

/// Lets the row of this span of looks grow. It may not be there: its first batch may have been undone, or the row was
/// deleted as too old.
void HistoryFile::write_observed(const Batch& batch) {
    if (observed_ != 0 && batch.observed_since.instant == observed_since_) {
        connection_->prepare("UPDATE observed SET to_ms = ?, to_ns = ? WHERE id = ?")
            .with(milliseconds(batch.now.time), nanoseconds(batch.now.instant), observed_)
            .run();
        if (connection_->changes() > 0) {
            return;
        }
    }
    connection_
        ->prepare(
            "INSERT INTO observed(boot, from_ms, from_ns, to_ms, to_ns) VALUES(?, ?, ?, ?, ?)")
        .with(boot_, milliseconds(batch.observed_since.time),
              nanoseconds(batch.observed_since.instant), milliseconds(batch.now.time),
              nanoseconds(batch.now.instant))
        .run();
    observed_ = connection_->last_row();
    observed_since_ = batch.observed_since.instant;
}

void HistoryFile::write_ends(const std::vector<SocketEnd>& ends) {
    Statement end = connection_->prepare(
        "UPDATE sockets SET ended_ms = ?, ended_ns = ?, how = ? WHERE boot = ? AND cookie = ?");
    for (const SocketEnd& each : ends) {
        end.with(milliseconds(each.ended.time), nanoseconds(each.ended.instant), each.how, boot_,
                 static_cast<std::int64_t>(each.cookie))
            .run();
    }
}

void HistoryFile::write_counts(const Batch& batch, const CountSample& counts) {
    connection_->prepare("INSERT INTO samples(boot, time_ms, time_ns) VALUES(?, ?, ?)")
        .with(boot_, milliseconds(batch.now.time), nanoseconds(batch.now.instant))
        .run();
    const std::int64_t sample = connection_->last_row();
    Statement state = connection_->prepare("INSERT INTO state_counts VALUES(?, ?, ?, ?, ?)");
    for (const CountSample::State& each : counts.states) {
        state
            .with(sample, name(each.state), std::string(name(each.custody)), each.sockets,
                  each.oldest.count())
            .run();
    }
    Statement owner = connection_->prepare("INSERT INTO owner_counts VALUES(?, ?, ?, ?, ?)");
    for (const CountSample::OwnerCount& each : counts.owners) {
        owner.with(sample, each.name, each.half_closed, each.leaked, each.dead).run();
    }
    Statement step = connection_->prepare("INSERT INTO step_counts VALUES(?, ?, ?, ?)");
    for (const CountSample::Step& each : counts.steps) {
        step.with(sample, name(each.edge.from), name(each.edge.to), each.count).run();
    }
}

/// What is older than is kept; then, while there is too much, the oldest that never leaked, and at last what did.
void HistoryFile::prune(const Moment& now) {
    const std::int64_t oldest =
        milliseconds(now.time) -
        std::chrono::duration_cast<std::chrono::milliseconds>(limits_.kept).count();
    const std::string limit = " LIMIT " + std::to_string(kPruneRows) + ")";
    for (const char* const rows :
         {"DELETE FROM sockets WHERE id IN (SELECT id FROM sockets WHERE ended_ms < ?",
          "DELETE FROM samples WHERE id IN (SELECT id FROM samples WHERE time_ms < ?",
          "DELETE FROM observed WHERE id IN (SELECT id FROM observed WHERE to_ms < ?"}) {
        connection_->prepare(rows + limit).with(oldest).run();
    }
    for (int round = 0; used() > most() && round < 20 && prune_some(); ++round) {
    }
    connection_->execute(
        "DELETE FROM owners WHERE NOT EXISTS "
        "(SELECT 1 FROM sockets WHERE sockets.owner = owners.id)");
    if (connection_->number("PRAGMA freelist_count") > 256) {
        connection_->execute("PRAGMA incremental_vacuum(2048)");
    }
}

/// Whether anything was deleted.
bool HistoryFile::prune_some() {
    const std::string limit = " LIMIT " + std::to_string(kPruneRows / 5) + ")";
    for (const char* const rows :
         {"DELETE FROM sockets WHERE id IN (SELECT id FROM sockets WHERE ended_ms IS NOT NULL AND "
          "leaked_ms IS NULL ORDER BY ended_ms",
          "DELETE FROM samples WHERE id IN (SELECT id FROM samples WHERE (SELECT count(*) FROM "
          "samples) > 1000 ORDER BY time_ms",
          "DELETE FROM sockets WHERE id IN (SELECT id FROM sockets WHERE ended_ms IS NOT NULL "
          "ORDER BY ended_ms"}) {
        connection_->prepare(rows + limit).run();
        if (connection_->changes() > 0) {
            return true;
        }
    }
    return false;
}

}  // namespace halfclosed::history
