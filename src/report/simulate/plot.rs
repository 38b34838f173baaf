//! `--plot`: failures over time as bars, those a ban would have stopped in another colour,
//! every ban a mark; one panel per jail. SVG or PNG, by the file's name.

use crate::analysis::simulate::{Replay, SimulatedJail, Simulation, Timeline, duration};
use crate::date::Clock;
use crate::files;
use crate::report::text::counted;
use plotters::coord::Shift;
use plotters::coord::combinators::WithKeyPoints;
use plotters::coord::types::{RangedCoordf64, RangedCoordi64};
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::path::Path;

/// The kind of picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// Vector.
    Svg,
    /// Pixels.
    Png,
}

const WIDTH: u32 = 1200;
const PANEL: u32 = 420;

/// More panels than this make no picture: the jails with the most failures are drawn.
const MAX_PANELS: usize = 8;

const COUNTED: RGBColor = RGBColor(66, 114, 168);
const STOPPED: RGBColor = RGBColor(236, 156, 74);
const BAN: RGBColor = RGBColor(190, 30, 45);
const FAINT: RGBColor = RGBColor(225, 225, 225);

/// The letters of the pictures, so that they do not depend on the machine's fonts.
static FONT: &[u8] = include_bytes!("../../../assets/fonts/plot-sans.ttf");

/// The kind of picture a file name stands for.
pub(crate) fn format_of(path: &Path) -> Result<Picture, String> {
    match path
        .extension()
        .and_then(|e| e.to_str())
        .map(str::to_lowercase)
        .as_deref()
    {
        Some("svg") => Ok(Picture::Svg),
        Some("png") => Ok(Picture::Png),
        _ => Err(format!(
            "--plot {}: expected a name that ends in .svg or .png",
            path.display()
        )),
    }
}

/// Draws the picture.
pub(crate) fn draw(path: &Path, simulation: &Simulation, clock: &Clock) -> Result<(), String> {
    // already there after the first picture of a run
    let _ = plotters::style::register_font("sans-serif", FontStyle::Normal, FONT);
    let mut jails: Vec<(usize, &SimulatedJail)> = simulation.jails.iter().enumerate().collect();
    jails.retain(|(number, jail)| !jail.tickets(*number, &simulation.replay).is_empty());
    jails.sort_by_key(|(n, jail)| std::cmp::Reverse(jail.tickets(*n, &simulation.replay).len()));
    jails.truncate(MAX_PANELS);
    if jails.is_empty() {
        return Err("nothing to draw: no failure counts".into());
    }
    let size = (WIDTH, PANEL * jails.len() as u32);
    match format_of(path)? {
        Picture::Svg => {
            // written at the end, so that no half picture is left behind an error
            let mut text = String::new();
            let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
            panels(&root, &jails, (simulation, Blanks::AsTheyAre), clock)?;
            drop(root);
            files::replace(path, text.as_bytes()).map_err(|error| error.to_string())
        }
        Picture::Png => {
            let mut pixels = vec![0; 3 * size.0 as usize * size.1 as usize];
            let root = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
            panels(&root, &jails, (simulation, Blanks::Wide), clock)?;
            drop(root);
            let file = encode(&pixels, size).map_err(|error| error.to_string())?;
            files::replace(path, &file).map_err(|error| error.to_string())
        }
    }
}

/// A PNG file of pixels, each three bytes: red, green, blue.
fn encode(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

type Area<'a, B> = DrawingArea<B, Shift>;

/// How blanks of small letters are drawn. Set in whole pixels they are too narrow to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blanks {
    AsTheyAre,
    Wide,
}

impl Blanks {
    fn of(self, text: &str) -> String {
        match self {
            Blanks::AsTheyAre => text.to_owned(),
            Blanks::Wide => text.replace(' ', "  "),
        }
    }
}

fn panels<B: DrawingBackend>(
    root: &Area<B>,
    jails: &[(usize, &SimulatedJail)],
    (simulation, blanks): (&Simulation, Blanks),
    clock: &Clock,
) -> Result<(), String> {
    root.fill(&WHITE).map_err(|error| error.to_string())?;
    for (area, (number, jail)) in root.split_evenly((jails.len(), 1)).iter().zip(jails) {
        if let Some(panel) = Panel::of(*number, jail, (&simulation.replay, blanks), clock) {
            panel.draw(area, clock).map_err(|error| error.to_string())?;
        }
    }
    root.present().map_err(|error| error.to_string())
}

/// What one panel shows.
struct Panel {
    title: String,
    /// What the bars count: failures, or bans of other jails.
    noun: &'static str,
    blanks: Blanks,
    timeline: Timeline,
    /// By bucket: all, and those of them that a ban would have stopped.
    all: Vec<u64>,
    stopped: Vec<u64>,
    /// Bans, epoch seconds.
    bans: Vec<i64>,
    /// Times that are labelled, epoch seconds.
    ticks: Vec<i64>,
}

type Chart<'a, B> = ChartContext<'a, B, Cartesian2d<WithKeyPoints<RangedCoordi64>, RangedCoordf64>>;
type Drawn<E> = Result<(), DrawingAreaErrorKind<E>>;

impl Panel {
    /// Nothing where no failure counts.
    fn of(
        number: usize,
        jail: &SimulatedJail,
        (replay, blanks): (&Replay, Blanks),
        clock: &Clock,
    ) -> Option<Panel> {
        let tickets = jail.tickets(number, replay);
        let (first, last) = tickets.times()?;
        let offset = clock.local(first).offset;
        let timeline = Timeline::hourly(first, last, offset);
        let bans = replay.bans.iter().filter(|ban| ban.jail == number);
        let bans: Vec<i64> = bans.map(|ban| ban.time as i64).collect();
        let (one, noun) = if jail.fed {
            ("ban of other jails", "bans of other jails")
        } else {
            ("failure", "failures")
        };
        let title = format!(
            "{}: {}, {} ({} in {})",
            shorten(&jail.name),
            counted(tickets.len() as u64, one, noun),
            counted(bans.len() as u64, "ban", "bans"),
            jail.settings.maxretry,
            duration::show(jail.settings.findtime)
        );
        let stopped = tickets.iter().zip(&replay.stopped[number]);
        let stopped = stopped.filter(|(_, stopped)| **stopped);
        Some(Panel {
            title,
            noun,
            blanks,
            all: timeline.count(tickets.iter().map(|ticket| ticket.time)),
            stopped: timeline.count(stopped.map(|(ticket, _)| ticket.time)),
            bans,
            ticks: ticks(&timeline, offset),
            timeline,
        })
    }

    fn end(&self) -> i64 {
        end_of(&self.timeline)
    }

    fn most(&self) -> f64 {
        self.all.iter().copied().max().unwrap_or(1).max(1) as f64
    }

    /// Room above the bars for the marks of bans, and above these for the legend.
    fn top(&self) -> f64 {
        self.most() * 1.42
    }

    fn draw<'a, B: DrawingBackend + 'a>(
        &self,
        area: &Area<'a, B>,
        clock: &Clock,
    ) -> Drawn<B::ErrorType> {
        let Timeline { start, .. } = self.timeline;
        let time = (start..self.end()).with_key_points(self.ticks.clone());
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, ("sans-serif", 22))
            .margin(14)
            // the last label hangs over the end of its axis
            .margin_right(44)
            .x_label_area_size(42)
            .y_label_area_size(64)
            .build_cartesian_2d(time, 0f64..self.top())?;
        self.draw_axes(&mut chart, clock)?;
        self.draw_bars(&mut chart)?;
        self.draw_bans(&mut chart)?;
        let place = Pos::new(HPos::Left, VPos::Top);
        let font = ("sans-serif", 14).into_font().into_text_style(area);
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .label_font(font.pos(place))
            .background_style(WHITE.mix(0.85))
            .border_style(FAINT)
            .draw()
    }

    fn draw_axes<B: DrawingBackend>(
        &self,
        chart: &mut Chart<'_, B>,
        clock: &Clock,
    ) -> Drawn<B::ErrorType> {
        let per = match self.timeline.step {
            60 => "minute".into(),
            3600 => "hour".into(),
            86_400 => "day".into(),
            step => duration::show(step as f64),
        };
        let label = |time: &i64| {
            let iso = clock.iso(*time as f64);
            // "2026-11-20 03:00:00" to "11-20 03:00"
            self.blanks.of(iso.get(5..16).unwrap_or(&iso))
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(WHITE)
            .bold_line_style(FAINT)
            .y_desc(self.blanks.of(&format!("{} per {per}", self.noun)))
            .axis_desc_style(("sans-serif", 15))
            .label_style(("sans-serif", 14))
            .x_labels(MAX_TICKS as usize + 1)
            .y_labels(counts(self.top()))
            .x_label_formatter(&label)
            .y_label_formatter(&|y| format!("{y:.0}"))
            .draw()
    }

    /// The failures of each bucket, those a ban would have stopped on top.
    fn draw_bars<B: DrawingBackend>(&self, chart: &mut Chart<'_, B>) -> Drawn<B::ErrorType> {
        let Timeline { start, step, .. } = self.timeline;
        let gap = step * 6 / 100;
        let bar = |(at, count): (usize, u64), from: u64, color: RGBColor| {
            let left = start + at as i64 * step;
            Rectangle::new(
                [
                    (left + gap, from as f64),
                    (left + step - gap, (from + count) as f64),
                ],
                color.filled(),
            )
        };
        let swatch = |color: RGBColor| {
            move |(x, y)| Rectangle::new([(x, y - 6), (x + 14, y + 6)], color.filled())
        };
        let bars = self.all.iter().zip(&self.stopped).enumerate();
        let counted: Vec<_> = (bars.clone())
            .filter(|(_, (all, stopped))| all > stopped)
            .map(|(at, (all, stopped))| bar((at, all - stopped), 0, COUNTED))
            .collect();
        chart
            .draw_series(counted)?
            .label(self.blanks.of(&format!("{} while not banned", self.noun)))
            .legend(swatch(COUNTED));
        let above: Vec<_> = bars
            .filter(|(_, (_, stopped))| **stopped > 0)
            .map(|(at, (all, stopped))| bar((at, *stopped), all - stopped, STOPPED))
            .collect();
        if !above.is_empty() {
            let series = chart.draw_series(above)?;
            series
                .label(self.blanks.of(&format!("{} while banned", self.noun)))
                .legend(swatch(STOPPED));
        }
        Ok(())
    }

    fn draw_bans<B: DrawingBackend>(&self, chart: &mut Chart<'_, B>) -> Drawn<B::ErrorType> {
        if self.bans.is_empty() {
            return Ok(());
        }
        let mark = self.most() * 1.08;
        let line = BAN.mix(0.35).stroke_width(1);
        let bans = self.bans.iter();
        let lines = (bans.clone()).map(|x| PathElement::new(vec![(*x, 0.0), (*x, mark)], line));
        chart.draw_series(lines)?;
        let marks = bans.map(|x| TriangleMarker::new((*x, mark), 6, BAN.filled()));
        let series = chart.draw_series(marks)?;
        series
            .label("ban")
            .legend(|(x, y)| TriangleMarker::new((x + 7, y + 2), 6, BAN.filled()));
        Ok(())
    }
}

/// Seconds between labels of the time axis.
const TICK_STEPS: [i64; 17] = [
    60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    1_209_600, 2_419_200, 7_257_600, 31_449_600,
];

/// Labels of the time axis, at most.
const MAX_TICKS: i64 = 9;

/// How many whole numbers are labelled on an axis from 0 up to `top`, at round steps: no label
/// stands at a fraction.
fn counts(top: f64) -> usize {
    let steps = (0..15).flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10f64.powi(power)));
    let step = steps
        .into_iter()
        .find(|step| top / step < 6.0)
        .unwrap_or(top);
    (top / step) as usize + 1
}

/// Round times of a timeline, epoch seconds; `offset`: seconds local time is ahead of UTC.
fn ticks(timeline: &Timeline, offset: i64) -> Vec<i64> {
    let span = end_of(timeline).saturating_sub(timeline.start);
    let fits = TICK_STEPS.iter().find(|step| span / **step < MAX_TICKS);
    let step = fits.map_or(span / MAX_TICKS + 1, |step| *step);
    let behind = timeline.start.saturating_add(offset).rem_euclid(step);
    let first = if behind == 0 { 0 } else { step - behind };
    let all = (0..MAX_TICKS).map(|n| first.saturating_add(n.saturating_mul(step)));
    all.take_while(|at| *at <= span)
        .map(|at| timeline.start.saturating_add(at))
        .collect()
}

/// Behind its last bucket, epoch seconds.
fn end_of(timeline: &Timeline) -> i64 {
    let span = timeline.step.saturating_mul(timeline.buckets as i64);
    timeline.start.saturating_add(span)
}

/// A name short enough for a title.
fn shorten(name: &str) -> String {
    match name.chars().count() {
        0..=48 => name.to_string(),
        _ => name.chars().take(47).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_and_round() {
        assert_eq!(counts(1.42), 2, "0 and 1");
        assert_eq!(counts(4.26), 5, "0 to 4");
        assert_eq!(counts(78.1), 4, "0, 20, 40, 60");
        assert_eq!(counts(759.0), 4, "0, 200, 400, 600");
    }

    #[test]
    fn labels_stand_at_round_times() {
        // 07:25 to 10:25 local time, an hour ahead of UTC
        let timeline = Timeline {
            start: 6 * 3600 + 25 * 60,
            step: 300,
            buckets: 36,
        };
        let ticks = ticks(&timeline, 3600);
        let minutes: Vec<i64> = ticks.iter().map(|at| at / 60 + 60).collect();
        assert_eq!(minutes, [450, 480, 510, 540, 570, 600]);
    }
}
