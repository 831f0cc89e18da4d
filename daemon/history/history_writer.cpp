#include "history/history_writer.h"

#include <exception>
#include <iterator>
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
        if (checking_) {
            checking_->interrupt();
        }
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
    if (checking_ && std::chrono::steady_clock::now() - check_began_ > kCheckLimit) {
        checking_->interrupt();
    }
    Status status = status_;
    status_.complaints.clear();
    status_.write_again = false;
    return status;
}

void HistoryWriter::check() {
    {
        const std::lock_guard lock(mutex_);
        if (stop_ || file_.connection() == nullptr) {
            return;
        }
        checking_ = file_.connection()->interrupter();
        check_began_ = std::chrono::steady_clock::now();
    }
    try {
        file_.check();
    } catch (const std::exception&) {  // the next write meets it too, and tells
    }
    const std::lock_guard lock(mutex_);
    checking_.reset();
}

void HistoryWriter::run() {
    check();
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
        } else if (stop_) {
            const std::deque<Query> waiting = std::exchange(queries_, {});
            lock.unlock();
            for (const Query& query : waiting) {
                refuse(query);
            }
            return;
        } else if (!queries_.empty()) {
            const Query query = std::move(queries_.front());
            queries_.pop_front();
            lock.unlock();
            answer(query);
            lock.lock();
        }
    }
}

void HistoryWriter::write_now(Batch batch) {
    // The latest at last: of two ends of one socket it holds.
    unwritten_ends_.insert(unwritten_ends_.end(), std::make_move_iterator(batch.ends.begin()),
                           std::make_move_iterator(batch.ends.end()));
    batch.ends = std::exchange(unwritten_ends_, {});
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
    count(batch, error.empty());
    if (error.empty()) {
        status_.written += batch.sockets.size();
    } else {
        keep_ends(batch);
        ++status_.failures;
        status_.write_again = true;
    }
    status_.error = std::move(error);
}

/// A socket counts as recorded when a batch with it is written, and as lost when it has ended and none was.
void HistoryWriter::count(const Batch& batch, bool is_written) {
    unwritten_.insert(batch.added.begin(), batch.added.end());
    for (const RecordedSocket& socket : batch.sockets) {
        if (is_written) {
            status_.recorded += unwritten_.erase(socket.record.cookie);
        } else if (socket.ended) {
            status_.lost += unwritten_.erase(socket.record.cookie);
        }
    }
    for (const SocketEnd& end : batch.ends) {
        status_.lost += unwritten_.erase(end.cookie);
    }
}

/// What was in the file goes on as not ended in it, unless its end is written later: at least that.
void HistoryWriter::keep_ends(Batch& batch) {
    unwritten_ends_ = std::move(batch.ends);
    for (RecordedSocket& socket : batch.sockets) {
        if (socket.ended) {
            unwritten_ends_.push_back({socket.record.cookie, *socket.ended, std::move(socket.how)});
        }
    }
    if (unwritten_ends_.size() > kMostUnwrittenEnds) {
        unwritten_ends_.erase(unwritten_ends_.begin(), unwritten_ends_.end() - kMostUnwrittenEnds);
    }
}

void HistoryWriter::answer(const Query& query) {
    try {
        file_.guarded([&] { query(file_.connection()); });
    } catch (const std::exception&) {  // the query has said so itself
    }
}

void HistoryWriter::refuse(const Query& query) {
    try {
        query(nullptr);
    } catch (const std::exception&) {  // nobody is left to tell
    }
}

}  // namespace halfclosed::history
