#pragma once

#include <optional>
#include <vector>

#include "scenarios/diagram/diagram_events.h"

namespace halfclosed::scenarios {

/// Where things stand from left to right in a picture of a trace, in its own units. Text of the lanes has a fixed width,
/// so that where it ends is known without measuring it.
struct PictureColumns {
    static constexpr double kWidth = 1000;
    static constexpr double kMargin = 20;
    static constexpr double kTimeEnd = 82;
    static constexpr double kBarWidth = 164;
    static constexpr double kClientBar = 270;  ///< its left edge; the client's calls end before it
    static constexpr double kServerBar = 612;
    static constexpr double kServerCalls = kServerBar + kBarWidth + 12;
    static constexpr double kCallWidth = 164;
    static constexpr double kOrphan = 906;  ///< where the curve of 0 orphans runs
    static constexpr double kTw = 952;
    static constexpr double kCurveWidth = 14;
};

/// Things that share a height: at most one in each lane.
struct PictureRow {
    Instant at;
    double y = 0;  ///< where its arrow begins
    std::vector<DiagramEvent> events;
};

/// A wait that is drawn shorter than it was.
struct PictureBreak {
    double y = 0;
    Duration wait{0};
};

/// The heights of a trace. Time runs down, but not evenly: each row has the same room, a longer wait somewhat more, and
/// one of kWait or more a break.
class PictureLayout {
 public:
    static constexpr double kRow = 34;
    /// How much lower an arrow ends than it begins.
    static constexpr double kSlant = 8;
    static constexpr Duration kWait = std::chrono::milliseconds{20};

    /// `top` is the height of the first row.
    PictureLayout(const Trace& trace, double top);

    const std::vector<PictureRow>& rows() const { return rows_; }
    const std::vector<PictureBreak>& breaks() const { return breaks_; }
    double bottom() const { return bottom_; }

    /// The height at which a state begins: that of its row, and where a segment came in, that of its arrow's head.
    double beginning(const PictureRow& row, const DiagramEvent& state) const;

    /// The height of a moment between two rows.
    double height_of(Instant at) const;

 private:
    void place(const DiagramEvent& event);
    void start_row(Instant at);

    std::vector<PictureRow> rows_;
    std::vector<PictureBreak> breaks_;
    double bottom_;
};

}  // namespace halfclosed::scenarios
