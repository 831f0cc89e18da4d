#include "history/history_writer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "posix/clock.h"

namespace halfclosed::history {

HistoryWriter::HistoryWriter(HistoryFile file)
    : file_(std::move(file)), thread_([this] { run(); }) {
}

void HistoryWriter::stop() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool HistoryWriter::idle() const {
    const std::lock_guard lock(mutex_);
    return !batch_ && !writing_;
}

void HistoryWriter::write(Batch batch) {
    {
        const std::lock_guard lock(mutex_);
        batch_ = std::move(batch);
    }
    wake_.notify_one();
}

bool HistoryWriter::ask(Query query) {
    {
        const std::lock_guard lock(mutex_);
        if (queries_.size() >= kMostQueries || stop_) {
            return false;
        }
        queries_.push_back(std::move(query));
    }
    wake_.notify_one();
    return true;
}

void HistoryWriter::set_limits(const HistoryFile::Limits& limits) {
    const std::lock_guard lock(mutex_);
    limits_ = limits;
}

HistoryWriter::Status HistoryWriter::take_status() {
    const std::lock_guard lock(mutex_);
    Status status = status_;
    status_.complaints.clear();
    status_.write_again = false;
    return status;
}

void HistoryWriter::run() {
    try {
        file_.check();
    } catch (const std::exception&) {  // the next write meets it too, and tells
    }
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stop_ || batch_ || !queries_.empty(); });
        if (limits_) {
            file_.set_limits(*std::exchange(limits_, std::nullopt));
        }
        if (batch_) {
            Batch batch = *std::exchange(batch_, std::nullopt);
            writing_ = true;
            lock.unlock();
            write_now(std::move(batch));
            lock.lock();
            writing_ = false;
        } else if (!queries_.empty()) {
            const Query query = std::move(queries_.front());
            queries_.pop_front();
            lock.unlock();
            answer(query);
            lock.lock();
        } else if (stop_) {
            return;
        }
    }
}

void HistoryWriter::write_now(Batch batch) {
    std::string error;
    try {
        file_.write(batch);
    } catch (const std::exception& thrown) {
        error = thrown.what();
    }
    std::optional<std::string> complaint = file_.take_complaint();
    const std::uint64_t bytes = file_.size();
    const std::lock_guard lock(mutex_);
    ++status_.batches;
    status_.bytes = bytes;
    status_.cpu = posix::thread_cpu_time();
    if (complaint) {
        status_.complaints.push_back(std::move(*complaint));
        status_.write_again = true;
    }
    if (error.empty()) {
        status_.written += batch.sockets.size();
    } else {
        ++status_.failures;
        status_.lost += static_cast<std::uint64_t>(
            std::count_if(batch.sockets.begin(), batch.sockets.end(),
                          [](const RecordedSocket& socket) { return socket.ended.has_value(); }));
        status_.write_again = true;
    }
    status_.error = std::move(error);
}

void HistoryWriter::answer(const Query& query) {
    try {
        file_.guarded([&] { query(file_.connection()); });
    } catch (const std::exception&) {  // the query has said so itself
    }
}

}  // namespace halfclosed::history
