#include "service/flight_recorder.h"

#include <exception>
#include <utility>

#include "history/clock_id.h"
#include "history/state_file.h"
#include "posix/error.h"
#include "service/history_counts.h"
#include "text/log.h"

namespace halfclosed {

namespace {

/// A kill costs at most so much of what was new.
constexpr std::chrono::seconds kPause{10};

/// Where nothing changes the disk may sleep for so long; it is still told that somebody looked.
constexpr std::chrono::seconds kLongestPause{60};

history::Moment moment(const exporters::Snapshot& snapshot) {
    return {snapshot.instant, snapshot.time};
}

}  // namespace

std::vector<tracking::KnownAge> FlightRecorder::start(const history::Moment& now) {
    std::vector<tracking::KnownAge> ages;
    if (settings_.directory.empty()) {
        return ages;
    }
    try {
        const std::string clock = history::read_clock_id();
        history::OldAges old = history::take_state_file(settings_.directory, clock, now.instant);
        if (old.complaint) {
            log::warn("{}", *old.complaint);
        }
        ages = std::move(old.ages);
        history::HistoryFile file(settings_.directory, clock, settings_.limits);
        try {
            file.open();
            std::vector<history::RecordedSocket> sockets = file.open_sockets();
            std::erase_if(sockets, [&now](const history::RecordedSocket& socket) {
                return socket.spans.empty() || socket.age().since > now.instant;
            });
            for (const history::RecordedSocket& socket : sockets) {
                ages.push_back(socket.age());
            }
            recorder_.resume(std::move(sockets), file.last_observed().value_or(now));
        } catch (const std::runtime_error& error) {
            error_ = error.what();
            log::warn("no history is written, nor ages over a restart: {}", error_);
        }
        if (const auto complaint = file.take_complaint()) {
            log::warn("{}", *complaint);
        }
        writer_ = std::make_unique<history::HistoryWriter>(std::move(file));
    } catch (const posix::Error& error) {
        log::warn("no history is written, nor ages over a restart: {}", error.what());
    }
    return ages;
}

void FlightRecorder::note(const tracking::Changes& changes, const history::Moment& now) {
    if (writer_) {
        recorder_.note(changes, now);
    }
}

void FlightRecorder::observe(const exporters::Snapshot& snapshot) {
    if (!writer_) {
        return;
    }
    if (!snapshot.closing) {
        observed_since_.reset();
        return;
    }
    if (!observed_since_ || snapshot.instant - observed_ > snapshot.fresh_for) {
        observed_since_ = moment(snapshot);
    }
    observed_ = snapshot.instant;
    recorder_.observe({snapshot.sockets, snapshot.dead,
                       [&snapshot](const SocketRecord& record) { return snapshot.owner(record); },
                       snapshot.leak_after, moment(snapshot)});
    take_status();
    if ((!written_ || snapshot.instant - *written_ >= kPause) && writer_->idle()) {
        write(snapshot, false);
    }
}

void FlightRecorder::stop(const exporters::Snapshot& snapshot) {
    if (!writer_) {
        return;
    }
    // One that is being written is waited for by the writer's end; the next one only if there is none.
    if (snapshot.closing && observed_since_ && writer_->idle()) {
        write(snapshot, true);
    }
    writer_->stop();
}

void FlightRecorder::write(const exporters::Snapshot& snapshot, bool always) {
    history::Batch batch;
    batch.now = moment(snapshot);
    batch.observed_since = *observed_since_;
    recorder_.take(batch);
    for (const history::RecordedSocket& socket : batch.sockets) {
        const auto known = snapshot.namespaces.watched.find(socket.record.netns);
        if (known != snapshot.namespaces.watched.end() && known->second.name) {
            batch.namespaces.emplace(known->first, *known->second.name);
        }
    }
    batch.counts = sample(snapshot);
    const bool quiet = batch.sockets.empty() && batch.ends.empty() && !batch.counts;
    if (quiet && !always && written_ && snapshot.instant - *written_ < kLongestPause) {
        return;
    }
    written_ = snapshot.instant;
    writer_->write(std::move(batch));
}

/// Nothing if it is as the last one was.
std::optional<history::CountSample> FlightRecorder::sample(const exporters::Snapshot& snapshot) {
    history::CountSample counts = counts_of(snapshot);
    Steps steps;
    for (const auto& [key, count] : snapshot.counters.transitions) {
        const auto& [label, side, from, to, evidence] = key;
        steps[{from, to}] += count;
    }
    for (const auto& [edge, count] : steps) {
        const auto before = steps_.find(edge);
        const std::uint64_t counted = before == steps_.end() ? 0 : before->second;
        if (count > counted) {  // it falls where a port is not watched any more
            counts.steps.push_back({{edge.first, edge.second}, count - counted});
        }
    }
    const bool same = last_sample_ && same_numbers(*last_sample_, counts) && counts.steps.empty();
    if (same && snapshot.instant - sampled_ < kLongestPause) {
        return std::nullopt;
    }
    steps_ = std::move(steps);
    sampled_ = snapshot.instant;
    last_sample_ = counts;
    return counts;
}

void FlightRecorder::take_status() {
    const history::HistoryWriter::Status status = writer_->take_status();
    for (const std::string& complaint : status.complaints) {
        log::warn("{}", complaint);
    }
    if (status.write_again) {
        recorder_.write_again();
        last_sample_.reset();
    }
    if (status.batches > 0 && status.error != error_) {
        if (!status.error.empty()) {
            log::warn("no history is written, nor ages over a restart: {}", status.error);
        } else {
            log::info("the history is written again");
        }
        error_ = status.error;
    }
    health_ = {status.recorded, recorder_.left_out() + status.lost, status.failures, status.bytes};
    cpu_ = status.cpu;
}

void FlightRecorder::set_limits(const history::HistoryFile::Limits& limits) {
    settings_.limits = limits;
    if (writer_) {
        writer_->set_limits(limits);
    }
}

std::optional<exporters::HistoryHealth> FlightRecorder::health() const {
    return writer_ ? std::optional(health_) : std::nullopt;
}

bool FlightRecorder::ask(history::HistoryWriter::Query query) const {
    return writer_ && writer_->ask(std::move(query));
}

}  // namespace halfclosed
