/* Built from widgets/src by `npm run build`; run_panel.js contains uPlot (MIT License, Leon Sorokin). */
function p(r,t={},...e){let o=document.createElement(r);for(let[n,s]of Object.entries(t))n.includes("-")||n==="role"||n==="for"?o.setAttribute(n,String(s)):Object.assign(o,{[n]:s});return o.append(...e),o}function q(r,t){r.textContent!==t&&(r.textContent=t)}var P=class{constructor(t,e,o){this.count=t;this.send=e;this.by=o}count;send;by;kept=new Map;asked=new Map;colour(t){this.by=t,this.kept.clear(),this.asked.clear()}add(t){let{index:e,by:o}=t.told;if(o!==this.by)return!1;this.asked.delete(e),this.kept.delete(e),this.kept.set(e,t);let n=Math.max(12,Math.floor(48e6/(4*(t.positions.length+t.values.length)||1)));for(let s of this.kept.keys())this.kept.size>n&&this.kept.delete(s);return!0}get(t,e=1,o=performance.now()){let n=Array.from({length:7},(a,i)=>this.wrap(t+i*e)),s=[...new Set(n)].filter(a=>!this.kept.has(a)&&!this.isAsked(a,o));if(s.length&&(s[0]===t||s.length>6/2||this.asked.size===0)){for(let a of s)this.asked.set(a,o);this.send({ask:"frames",numbers:s,by:this.by})}return this.kept.get(t)}wrap(t){return(t%this.count+this.count)%this.count}isAsked(t,e){return e-(this.asked.get(t)??Number.NEGATIVE_INFINITY)<3e3}};function _t(r){return Math.round(r).toString().replace(/\B(?=(\d{3})+(?!\d))/g,"\u2009")}function at(r){if(r==null||!Number.isFinite(r))return"\u2013";if(Math.abs(r)>=1e3&&Math.abs(r)<1e7)return _t(r);let t=Number(r.toPrecision(4));return(Object.is(t,-0)?"0":t.toString()).replace("-","\u2212")}var V=[[68,1,84],[71,44,122],[59,81,139],[44,113,142],[33,144,141],[39,173,129],[92,200,99],[170,220,50],[253,231,37]],Z=[150,150,150];function zt(r){let t=Math.min(Math.max(r,0),1)*(V.length-1),e=Math.min(Math.floor(t),V.length-2),[o,n]=[V[e]??Z,V[e+1]??Z],s=a=>Math.round(o[a]+(n[a]-o[a])*(t-e));return[s(0),s(1),s(2)]}function O(r){let t=Number.parseInt(r.slice(1),16);return[t>>16&255,t>>8&255,t&255]}function ct(r,t){return ht(Int32Array.from(r),t.map(O))}var Ut=Array.from({length:256},(r,t)=>zt(t/255));function lt(r,{low:t,high:e}){let o=255/(e-t||1),n=new Int32Array(r.length);for(let s=0;s<n.length;s++){let a=((r[s]??Number.NaN)-t)*o;n[s]=Number.isNaN(a)?-1:Math.round(Math.min(Math.max(a,0),255))}return ht(n,Ut)}function ht(r,t){let e=new Uint8Array(4*r.length).fill(255);for(let o=0;o<r.length;o++){let n=t[r[o]??-1]??Z;e[4*o]=n[0],e[4*o+1]=n[1],e[4*o+2]=n[2]}return e}function pt(){return`linear-gradient(to right, ${V.map(r=>`rgb(${r.join(" ")})`).join(", ")})`}var D=class{root=p("div",{className:"key"});told="";update(t,e){let o=JSON.stringify([t,e]);o!==this.told&&(this.told=o,this.root.replaceChildren(...e?Gt(e):t.map(Ht)),this.root.classList.toggle("scale",e!==null))}};function Ht({symbol:r,colour:t}){let e=p("span",{className:"dot"});return e.style.background=t,p("span",{className:"entry"},e,r)}function Gt({label:r,unit:t,low:e,high:o}){let n=p("span",{className:"colours"});n.style.background=pt();let s=p("span",{className:"name"},t&&t!=="1"?`${r} (${t})`:r),a=[e,(e+o)/2,o].map(i=>p("span",{},at(i)));return[s,n,p("span",{className:"ends"},...a)]}var $t=20,_=class{constructor(t,e,o){this.frames=t;this.show=o;this.index=this.wanted=e;let n=t.count-1;this.slider=p("input",{type:"range",min:0,max:n,step:1,"aria-label":"frame"}),this.slider.valueAsNumber=e;let s=p("button",{type:"button",title:"One frame back (,)","aria-label":"one frame back"},"\u2039"),a=p("button",{type:"button",title:"One frame on (.)","aria-label":"one frame on"},"\u203A");this.root=p("div",{className:"player",role:"group","aria-label":"trajectory"}),this.root.append(s,this.play,a,this.slider,this.caption),this.root.hidden=n<1,s.addEventListener("click",()=>this.step(-1)),a.addEventListener("click",()=>this.step(1)),this.play.addEventListener("click",()=>this.toggle()),this.slider.addEventListener("input",()=>this.go(this.slider.valueAsNumber)),this.tellPlaying()}frames;show;root;index;wanted;timer;play=p("button",{type:"button",className:"play"});slider;caption=p("output",{className:"caption"});get playing(){return this.timer!==void 0}toggle(){this.playing?this.pause():this.timer=setInterval(()=>this.advance(),1e3/$t),this.tellPlaying()}pause(){clearInterval(this.timer),this.timer=void 0,this.tellPlaying()}step(t){this.pause(),this.go(this.frames.wrap(this.wanted+t),t)}heed(t){this.frames.add(t)&&t.told.index===this.wanted&&this.put(t)}colour(t){this.frames.colour(t),this.go(this.wanted)}tell(t){q(this.caption,`${t}${t?" \xB7 ":""}${this.index+1} / ${this.frames.count}`),this.slider.setAttribute("aria-valuetext",t||`frame ${this.index+1}`)}advance(){this.index===this.wanted?this.go(this.frames.wrap(this.index+1)):this.go(this.wanted)}go(t,e=1){this.wanted=t,this.slider.valueAsNumber=t;let o=this.frames.get(t,e);o&&this.put(o)}put(t){this.index=t.told.index,this.show(t),this.tell(t.told.caption)}tellPlaying(){q(this.play,this.playing?"\u275A\u275A":"\u25B6"),this.play.setAttribute("aria-label",this.playing?"pause":"play"),this.play.title=`${this.playing?"Pause":"Play"} (space)`}};var w=[[1,0,0],[0,1,0],[0,0,1]],g=(r,t)=>[r[0]+t[0],r[1]+t[1],r[2]+t[2]],E=(r,t)=>[r[0]-t[0],r[1]-t[1],r[2]-t[2]],f=(r,t)=>[r[0]*t,r[1]*t,r[2]*t],S=(r,t)=>r[0]*t[0]+r[1]*t[1]+r[2]*t[2],A=r=>Math.hypot(r[0],r[1],r[2]),dt=r=>f(r,1/(A(r)||1));function k(r,t){return[r[1]*t[2]-r[2]*t[1],r[2]*t[0]-r[0]*t[2],r[0]*t[1]-r[1]*t[0]]}function z(r,t){return[S(r[0],t),S(r[1],t),S(r[2],t)]}function y(r,t){return g(g(f(t[0],r[0]),f(t[1],r[1])),f(t[2],r[2]))}function J(r,t){return[y(r[0],t),y(r[1],t),y(r[2],t)]}function Q(r,t){let[e,o]=[Math.cos(t),Math.sin(t)],n=c=>g(g(f(c,e),f(k(r,c),o)),f(r,S(r,c)*(1-e))),[s,a,i]=[n([1,0,0]),n([0,1,0]),n([0,0,1])];return[[s[0],a[0],i[0]],[s[1],a[1],i[1]],[s[2],a[2],i[2]]]}function ut([r,t]){let e=dt(r),o=dt(E(t,f(e,S(e,t))));return[e,o,k(e,o)]}function v(r){let t=e=>[r[e]??0,r[e+1]??0,r[e+2]??0];return[t(0),t(3),t(6)]}function mt([r,t,e]){let o=S(r,k(t,e));return{columns:[f(k(t,e),1/o),f(k(e,r),1/o),f(k(r,t),1/o)],volume:o}}var tt=.23,ft=4,jt=1.04,Bt=200,Wt=20,F=class{rotation=w;target=[0,0,0];extent=10;radius=5;perspective=!0;placed=!1;moved=!1;get distance(){return this.extent/(2*Math.tan(tt))}fit(t,e,o,n){let s=t.map(h=>z(o,h)),a=f(g(Kt(s),Yt(s)),.5);this.rotation=o,this.target=y(a,o),this.radius=e+s.reduce((h,d)=>Math.max(h,A(E(d,a))),0);let[i,c]=U(n),l=s.map(h=>{let[d,u,m]=E(h,a),b=this.perspective?m*Math.tan(tt):0;return Math.max(Math.abs(d)/i,Math.abs(u)/c)+b});this.extent=2*jt*(e+l.reduce((h,d)=>Math.max(h,d),0)),this.placed=!0,this.moved=!1}turn(t,e){let o=J(Q([1,0,0],ft*e),Q([0,1,0],ft*t));this.rotation=ut(J(o,this.rotation)),this.moved=!0}pan(t,e){this.target=g(this.target,y([-t*this.extent,e*this.extent,0],this.rotation)),this.moved=!0}zoom(t){let e=this.extent/t;this.extent=Math.min(Math.max(e,this.radius/Bt),this.radius*Wt),this.moved=!0}toView(t){return z(this.rotation,E(t,this.target))}project(t,e){let[o,n,s]=this.toView(t),[a,i]=U(e),c=this.extent*(this.perspective?(this.distance-s)/this.distance:1);return[.5+o/(c*a),.5-n/(c*i)]}depths(t){let e=this.perspective?this.distance:0,o=e-t;return[this.perspective?Math.max(o,this.distance/100):o,e+t]}matrices(t,e){let[o,n]=this.depths(e),[s,a,i]=this.rotation,[c,l,h]=z(this.rotation,this.target),d=this.perspective?this.distance:0,u=[s[0],a[0],i[0],0,s[1],a[1],i[1],0,s[2],a[2],i[2],0,-c,-l,-h-d,1],m=this.perspective?this.frustum(t,o,n):this.box(t,o,n);return{view:new Float32Array(u),projection:new Float32Array(m)}}frustum(t,e,o){let n=1/Math.tan(tt),[s,a]=U(t),i=1/(e-o);return[n/s,0,0,0,0,n/a,0,0,0,0,(e+o)*i,-1,0,0,2*e*o*i,0]}box(t,e,o){let n=2/this.extent,[s,a]=U(t),i=1/(e-o);return[n/s,0,0,0,0,n/a,0,0,0,0,2*i,0,0,0,(e+o)*i,1]}};function U(r){return r>1?[r,1]:[1,1/r]}var Kt=r=>r.reduce((t,e)=>[Math.min(t[0],e[0]),Math.min(t[1],e[1]),Math.min(t[2],e[2])]),Yt=r=>r.reduce((t,e)=>[Math.max(t[0],e[0]),Math.max(t[1],e[1]),Math.max(t[2],e[2])]);var Xt={ArrowLeft:r=>r.turn(-.04,0),ArrowRight:r=>r.turn(.04,0),ArrowUp:r=>r.turn(0,-.04),ArrowDown:r=>r.turn(0,.04),"+":r=>r.zoom(1.15),"=":r=>r.zoom(1.15),"-":r=>r.zoom(.8695652173913044)},qt={ArrowLeft:r=>r.pan(-.04,0),ArrowRight:r=>r.pan(.04,0),ArrowUp:r=>r.pan(0,-.04),ArrowDown:r=>r.pan(0,.04)};function bt(r,t,e,o){let n=new AbortController,s=(i,c)=>{r.addEventListener(i,c,{signal:n.signal,passive:!1})},a=new Map;s("pointerdown",i=>{r.setPointerCapture(i.pointerId),a.set(i.pointerId,i)});for(let i of["pointerup","pointercancel","lostpointercapture"])s(i,c=>a.delete(c.pointerId));return s("pointermove",i=>{let c=a.get(i.pointerId);c&&(Zt(t,c,i,[...a.values()],Math.min(r.clientWidth,r.clientHeight)||1),a.set(i.pointerId,i),e())}),s("wheel",i=>{!i.ctrlKey&&!Jt(r)||(i.preventDefault(),t.zoom(Math.exp(-.0015*i.deltaY*(i.deltaMode?30:1))),e())}),s("keydown",i=>{let c=i.shiftKey&&qt[i.key]||Xt[i.key];!c||i.ctrlKey||i.altKey||i.metaKey||(i.preventDefault(),c(t),e())}),s("contextmenu",i=>i.preventDefault()),s("dblclick",o),()=>n.abort()}function Zt(r,t,e,o,n){let[s,a]=[(e.clientX-t.clientX)/n,(e.clientY-t.clientY)/n],i=o.find(c=>c.pointerId!==e.pointerId);if(i){let[c,l]=[t,e].map(h=>Math.hypot(h.clientX-i.clientX,h.clientY-i.clientY));r.zoom((l||1)/(c||1)),r.pan(s/2,a/2)}else e.shiftKey||e.buttons&6?r.pan(s,a):r.turn(s,a)}function Jt(r){return r.getRootNode().activeElement===r}var Qt=64;function gt(r,t){let e=v(r.cell),{columns:o,volume:n}=mt(e);return r.cell.length===9&&Math.abs(n)>1e-6?new H(r,e,o,t):new H(r,w,w,t)}var H=class{constructor(t,e,o,n){this.crystal=t;this.vectors=e;this.columns=o;this.cutoff=n;this.most=n*n;let s=t.positions.length/3;this.wraps=[0,1,2].map(i=>e!==w&&(t.periodic[i]??!1));let a=this.fractions(s);for(let i of[0,1,2])this.divide(i,a);this.next=new Int32Array(s).fill(-1),this.first=new Int32Array(this.counts[0]*this.counts[1]*this.counts[2]).fill(-1);for(let i=s-1;i>=0;i--)this.sort(i,a)}crystal;vectors;columns;cutoff;counts=[1,1,1];low=[0,0,0];span=[1,1,1];wraps;most;thickness=[1,1,1];first;next;fractions(t){let{positions:e}=this.crystal,o=new Float64Array(3*t),[n,s,a]=this.columns;for(let i=0;i<3*t;i+=3){let c=e[i]??0,l=e[i+1]??0,h=e[i+2]??0;o[i]=n[0]*c+n[1]*l+n[2]*h,o[i+1]=s[0]*c+s[1]*l+s[2]*h,o[i+2]=a[0]*c+a[1]*l+a[2]*h}return o}divide(t,e){if(!this.wraps[t]){let[n,s]=[Number.POSITIVE_INFINITY,Number.NEGATIVE_INFINITY];for(let a=t;a<e.length;a+=3)n=Math.min(n,e[a]??0),s=Math.max(s,e[a]??0);[this.low[t],this.span[t]]=[n,Math.max(s-n,1e-9)]}let o=this.span[t]/A(this.columns[t]);this.counts[t]=Math.min(Math.max(Math.floor(o/this.cutoff),1),Qt),this.thickness[t]=o/this.counts[t]}sort(t,e){let o=0;for(let n of[0,1,2]){let s=((e[3*t+n]??0)-this.low[n])/this.span[n],a=Math.floor(s*this.counts[n]);o=o*this.counts[n]+Math.min(Math.max(a,0),this.counts[n]-1)}this.next[t]=this.first[o]??-1,this.first[o]=t}pairs(t){let e=this.thickness.map((i,c)=>this.reach(c,i)),o=te(e),[n,s,a]=this.counts;for(let i=0;i<n;i++)for(let c=0;c<s;c++)for(let l=0;l<a;l++){let h=this.first[(i*s+c)*a+l]??-1;if(!(h<0))for(let d of o)this.visitBox(h,i+d[0],c+d[1],l+d[2],d===yt,t)}}reach(t,e){let o=Math.ceil(this.cutoff/e-1e-9);return this.wraps[t]?o:Math.min(o,(this.counts[t]??1)-1)}visitBox(t,e,o,n,s,a){let[i,c,l]=this.counts,h=Math.floor(e/i),d=Math.floor(o/c),u=Math.floor(n/l);if(h&&!this.wraps[0]||d&&!this.wraps[1]||u&&!this.wraps[2])return;let m=this.first[((e-h*i)*c+o-d*c)*l+n-u*l]??-1;if(m<0)return;let[b,x,M]=this.vectors,X=h*b[0]+d*x[0]+u*M[0],Pt=h*b[1]+d*x[1]+u*M[1],Ot=h*b[2]+d*x[2]+u*M[2],Dt=h!==0||d!==0||u!==0;for(let R=t;R>=0;R=this.next[R]??-1)this.visitPartners(R,s?this.next[R]??-1:m,X,Pt,Ot,Dt,a)}visitPartners(t,e,o,n,s,a,i){let{positions:c}=this.crystal,l=(c[3*t]??0)-o,h=(c[3*t+1]??0)-n,d=(c[3*t+2]??0)-s;for(let u=e;u>=0;u=this.next[u]??-1){let m=(c[3*u]??0)-l,b=(c[3*u+1]??0)-h,x=(c[3*u+2]??0)-d;m*m+b*b+x*x<=this.most&&i(t,u,m,b,x,a)}}},yt=[0,0,0];function te([r,t,e]){let o=[yt];for(let n=0;n<=r;n++)for(let s=n?-t:0;s<=t;s++)for(let a=n||s?-e:1;a<=e;a++)o.push([n,s,a]);return o}var vt=1.2;function xt(r){let{positions:t,radii:e}=r,o=new et(4*e.length),n=2*vt*e.reduce((s,a)=>Math.max(s,a),0);return!n||e.length<2||gt(r,n).pairs((s,a,i,c,l,h)=>{let d=vt*((e[s]??0)+(e[a]??0));i*i+c*c+l*l>d*d||(h?(o.add(s,s,t,i/2,c/2,l/2),o.add(a,a,t,-i/2,-c/2,-l/2)):o.add(s,a,t,i,c,l))}),o}var et=class{ends;atoms;count=0;constructor(t){this.ends=new Float32Array(6*t),this.atoms=new Uint32Array(2*t)}add(t,e,o,n,s,a){2*this.count===this.atoms.length&&this.grow();let{ends:i}=this,c=6*this.count;i[c]=o[3*t]??0,i[c+1]=o[3*t+1]??0,i[c+2]=o[3*t+2]??0,i[c+3]=(i[c]??0)+n,i[c+4]=(i[c+1]??0)+s,i[c+5]=(i[c+2]??0)+a,this.atoms[2*this.count]=t,this.atoms[2*this.count+1]=e,this.count++}grow(){let[t,e]=[this.ends,this.atoms];this.ends=new Float32Array(2*t.length+6),this.atoms=new Uint32Array(2*e.length+2),this.ends.set(t),this.atoms.set(e)}};var G=({cell:r})=>r.length===9&&r.some(t=>t!==0);function $(r,{repeat:t}){let[e,o,n]=G(r)?t:[1,1,1],s=v(r.cell),a=[];for(let i=0;i<e;i++)for(let c=0;c<o;c++)for(let l=0;l<n;l++)a.push(y([i,c,l],s));return a}function rt(r,t){let e=G(r)?ee(r):oe(r.positions),o=$(r,t);return(o.length>1?[o[0],o[o.length-1]]:o).flatMap(s=>e.map(a=>g(a,s??[0,0,0])))}function wt(r,t,e){let o=s=>s.reduce((a,i)=>Math.max(a,A(E(i,r))),0),n=$(t,e).map(A);return o([...rt(t,e),...re(t.positions)])+Math.max(...n)+ot}var ot=1;function ee(r){let t=v(r.cell);return[0,1,2,3,4,5,6,7].map(e=>y([e&1,e>>1&1,e>>2],t))}function re(r){let t=[0,0,0],e=[0,0,0];for(let n of[0,1,2]){t[n]=e[n]=r[n]??0;for(let s=n;s<r.length;s+=3)t[n]=Math.min(t[n],r[s]??0),e[n]=Math.max(e[n],r[s]??0)}let o=(n,s)=>n>>s&1?e[s]:t[s];return[0,1,2,3,4,5,6,7].map(n=>[o(n,0),o(n,1),o(n,2)])}function oe(r){return Array.from({length:r.length/3},(t,e)=>{let o=3*e;return[r[o]??0,r[o+1]??0,r[o+2]??0]})}var ne=5e4,se=[.2,.28],ie=[.1,.12],ae=.12,ce=.6,le=[0,1,0,2,0,4,1,3,1,5,2,3,2,6,3,7,4,5,4,6,5,7,6,7];function Et(r,t,e,o){let n=t.positions.length/3,s=e.bonds&&n<=ne,a=de(r),i=t.values.length===n?lt(t.values,t.scale):pe(r),c=s?ue(t,r,a,i):he,l=be(e.cell&&G(t)?me(t):[],e.springs?fe(t):[]);return{spheres:At(t.positions,a,s?se:[0,1]),sphereColours:i,...c,lines:l,lineColours:ge(O(o.line),l.length/3),clouds:At(t.beads,a,ie),cloudColours:ye(i,t.beads.length/3),offsets:$(t,e),ground:O(o.ground).map(h=>h/255),size:t.beads.length?ce:1,thickness:ae}}var he={sticks:new Float32Array,stickColours:new Uint8Array};function pe({species:r,elements:t}){return ct(r,t.map(e=>e.colour))}function de({species:r,elements:t}){let e=new Float32Array(r.length);for(let o=0;o<e.length;o++)e[o]=t[r[o]??0]?.radius??1;return e}function At(r,t,[e,o]){let n=new Float32Array(4*r.length/3);for(let s=0;s<r.length/3;s++)n[4*s]=r[3*s]??0,n[4*s+1]=r[3*s+1]??0,n[4*s+2]=r[3*s+2]??0,n[4*s+3]=e+o*(t[s%t.length]??0);return n}function ue(r,t,e,o){let n=xt({positions:r.positions,radii:e,cell:r.cell,periodic:t.periodic}),s=new Uint8Array(8*n.count);for(let a=0;a<2*n.count;a++){let i=4*(n.atoms[a]??0);for(let c=0;c<4;c++)s[4*a+c]=o[i+c]??255}return{sticks:n.ends.subarray(0,6*n.count),stickColours:s}}function me(r){let t=v(r.cell),e=o=>t.filter((s,a)=>o>>a&1).reduce(g,[0,0,0]);return le.flatMap(e)}function fe({positions:r,beads:t}){let e=r.length,o=[];for(let n=0;n<t.length;n+=3){let s=(n+e)%t.length;for(let a of[n,s])o.push(t[a]??0,t[a+1]??0,t[a+2]??0)}return o}function be(r,t){let e=new Float32Array(r.length+t.length);return e.set(r),e.set(t,r.length),e}function ge(r,t){return Uint8Array.from({length:4*t},(e,o)=>r[o%4]??255)}function ye(r,t){return Uint8Array.from({length:4*t},(e,o)=>r[o%(r.length||1)]??255)}var[Tt,Mt]=[0,1],I=class{constructor(t,[e,o]){this.gl=t;if(this.program=t.createProgram(),t.attachShader(this.program,this.compile(t.VERTEX_SHADER,e)),t.attachShader(this.program,this.compile(t.FRAGMENT_SHADER,o)),t.linkProgram(this.program),!t.getProgramParameter(this.program,t.LINK_STATUS)&&!t.isContextLost())throw new Error(t.getProgramInfoLog(this.program)??"the shaders do not fit");t.useProgram(this.program),t.uniform1i(this.place("places"),Tt),t.uniform1i(this.place("colours"),Mt)}gl;program;places=new Map;use(t){this.gl.useProgram(this.program);for(let[e,o]of Object.entries(t))this.set(e,o)}set(t,e){let{gl:o}=this,n=this.place(t);typeof e=="number"?o.uniform1f(n,e):typeof e=="boolean"?o.uniform1i(n,Number(e)):e.length===16?o.uniformMatrix4fv(n,!1,e):e.length===3?o.uniform3fv(n,e):o.uniform2fv(n,e)}place(t){let e=this.places.get(t);if(e!==void 0)return e;let o=this.gl.getUniformLocation(this.program,t);return this.places.set(t,o),o}compile(t,e){let{gl:o}=this,n=o.createShader(t);if(o.shaderSource(n,e),o.compileShader(n),!o.getShaderParameter(n,o.COMPILE_STATUS)&&!o.isContextLost())throw new Error(o.getShaderInfoLog(n)??"a shader cannot be compiled");return n}},N=1024,j=class{constructor(t,e,o){this.gl=t;this.width=e;this.texture=t.createTexture();let n=e===3?[t.RGB32F,t.RGB,t.FLOAT]:[t.RGBA32F,t.RGBA,t.FLOAT];this.formats=o?[t.RGBA8,t.RGBA,t.UNSIGNED_BYTE]:[...n]}gl;width;texture;rows=0;formats;load(t){let{gl:e,width:o}=this,[,n,s]=this.formats,a=t.length/o;this.bind(0),this.reserve(Math.ceil(a/N));let i=Math.floor(a/N),c=t.subarray(i*N*o);i&&e.texSubImage2D(e.TEXTURE_2D,0,0,0,N,i,n,s,t),c.length&&e.texSubImage2D(e.TEXTURE_2D,0,0,i,c.length/o,1,n,s,c)}bind(t){let{gl:e}=this;e.activeTexture(e.TEXTURE0+t),e.bindTexture(e.TEXTURE_2D,this.texture)}reserve(t){if(t<=this.rows)return;let{gl:e}=this,[o,n,s]=this.formats;this.rows=t,e.texImage2D(e.TEXTURE_2D,0,o,N,t,0,n,s,null),e.texParameteri(e.TEXTURE_2D,e.TEXTURE_MIN_FILTER,e.NEAREST),e.texParameteri(e.TEXTURE_2D,e.TEXTURE_MAG_FILTER,e.NEAREST)}},T=class{constructor(t,e){this.gl=t;this.places=new j(t,e,!1),this.colours=new j(t,4,!0)}gl;places;colours;count=0;load(t,e,o){this.count=t,this.places.load(e),this.colours.load(o)}draw(){this.count&&(this.places.bind(Tt),this.colours.bind(Mt),this.gl.drawArrays(this.gl.TRIANGLES,0,6*this.count))}};var B=`#version 300 es
precision highp float;
precision highp int;
uniform mat4 view, projection;
uniform bool perspective;
`,kt=`
uniform highp sampler2D places, colours;
vec4 entry(highp sampler2D list, int index) { return texelFetch(list, ivec2(index & 1023, index >> 10), 0); }
const int CORNERS[6] = int[6](0, 1, 2, 2, 1, 3);
`,W=`
vec3 sight(vec3 place) { return perspective ? normalize(place) : vec3(0, 0, -1); }
`,St=`
uniform vec3 ground;
uniform vec2 depths;
uniform float opacity, light;
out vec4 pixel;
const vec3 LAMP = normalize(vec3(-0.35, 0.55, 1.0));
vec3 lit(vec3 ink, vec3 normal, vec3 ray, float z) {
  float facing = clamp(-dot(normal, ray), 0.0, 1.0);
  float lamp = clamp(dot(normal, LAMP), 0.0, 1.0);
  float gloss = pow(clamp(dot(normal, normalize(LAMP - ray)), 0.0, 1.0), 40.0);
  vec3 shaded = ink * (0.42 + 0.2 * facing + 0.46 * lamp) * mix(0.62, 1.0, smoothstep(0.0, 0.42, facing)) + 0.22 * gloss;
  vec3 seen = mix(ink, shaded, light);
  float depth = clamp((-z - depths.x) / (depths.y - depths.x), 0.0, 1.0);
  return mix(seen, ground, 0.6 * depth * depth * light);
}
void draw(vec3 ink, vec3 normal, vec3 ray, vec3 hit, float cover) {
  vec4 clip = projection * vec4(hit, 1);
  gl_FragDepth = clamp(0.5 + 0.5 * clip.z / clip.w, 0.0, 1.0);
  pixel = vec4(lit(ink, normal, ray, hit.z), cover * opacity);
}
`,ve=`${B}${W}${kt}
uniform vec3 offset;
uniform float size;
out vec3 place;
flat out vec4 ball;
flat out vec3 ink;
void main() {
  int shape = gl_VertexID / 6, which = CORNERS[gl_VertexID % 6];
  vec4 sphere = entry(places, shape);
  vec2 corner = vec2(which & 1, which >> 1) * 2.0 - 1.0;
  vec3 centre = (view * vec4(sphere.xyz + offset, 1)).xyz;
  float radius = sphere.w * size;
  vec3 ray = sight(centre);
  vec3 right = normalize(cross(ray, vec3(0, 1, 0)));
  vec3 up = cross(right, ray);
  // From near by, less than half of a sphere is seen, under a larger angle.
  float seen = perspective ? radius * inversesqrt(max(1.0 - radius * radius / dot(centre, centre), 0.05)) : radius;
  place = centre + 1.05 * seen * (corner.x * right + corner.y * up);
  ball = vec4(centre, radius);
  ink = entry(colours, shape).rgb;
  gl_Position = projection * vec4(place, 1);
}`,xe=`${B}${W}${St}
in vec3 place;
flat in vec4 ball;
flat in vec3 ink;
void main() {
  vec3 ray = sight(place);
  vec3 way = ball.xyz - place;
  float along = dot(way, ray);
  float beside = length(way - along * ray);
  float cover = clamp((ball.w - beside) / fwidth(beside) + 0.5, 0.0, 1.0);
  if (cover <= 0.0) discard;
  vec3 hit = place + (along - sqrt(max(ball.w * ball.w - beside * beside, 0.0))) * ray;
  draw(ink, (hit - ball.xyz) / ball.w, ray, hit, cover);
}`,we=`${B}${W}${kt}
uniform vec3 offset;
/** \xC5, or where it is negative a share of the distance. */
uniform float thickness;
out vec3 place;
flat out vec4 from;
flat out vec4 axis;
flat out vec3 ink, endInk;
void main() {
  int shape = gl_VertexID / 6, which = CORNERS[gl_VertexID % 6];
  vec3 a = (view * vec4(entry(places, 2 * shape).xyz + offset, 1)).xyz;
  vec3 b = (view * vec4(entry(places, 2 * shape + 1).xyz + offset, 1)).xyz;
  vec3 middle = 0.5 * (a + b);
  float radius = thickness > 0.0 ? thickness : -thickness * (perspective ? -middle.z : 1.0);
  vec3 ray = sight(middle);
  vec3 side = cross(ray, b - a);
  side = dot(side, side) > 1e-12 ? normalize(side) : vec3(1, 0, 0);
  vec3 lengthwise = cross(side, ray);
  bool far = (which & 1) == 1;
  float across = which < 2 ? -1.0 : 1.0;
  place = (far ? b : a) + radius * (1.4 * across * side + (far ? 1.2 : -1.2) * lengthwise);
  from = vec4(a, radius);
  axis = vec4(normalize(b - a), distance(a, b));
  ink = entry(colours, 2 * shape).rgb;
  endInk = entry(colours, 2 * shape + 1).rgb;
  gl_Position = projection * vec4(place, 1);
}`,Ae=`${B}${W}${St}
in vec3 place;
flat in vec4 from;
flat in vec4 axis;
flat in vec3 ink, endInk;
void main() {
  vec3 ray = sight(place);
  vec3 way = place - from.xyz;
  vec3 across = ray - dot(ray, axis.xyz) * axis.xyz;
  vec3 apart = way - dot(way, axis.xyz) * axis.xyz;
  float slope = max(dot(across, across), 1e-6);
  float nearest = -dot(across, apart) / slope;
  float beside = length(apart + nearest * across);
  float cover = clamp((from.w - beside) / fwidth(beside) + 0.5, 0.0, 1.0);
  if (cover <= 0.0) discard;
  vec3 hit = place + (nearest - sqrt(max(from.w * from.w - beside * beside, 0.0) / slope)) * ray;
  float along = dot(hit - from.xyz, axis.xyz);
  if (along < 0.0 || along > axis.w) discard;
  vec3 normal = (hit - from.xyz - along * axis.xyz) / from.w;
  draw(2.0 * along < axis.w ? ink : endInk, normal, ray, hit, cover);
}`,nt={spheres:[ve,xe],sticks:[we,Ae]};var Ee=.8,Te=.36,Me=2e3,C=class{constructor(t){this.gl=t;this.spheres=new I(t,nt.spheres),this.sticks=new I(t,nt.sticks),this.shapes={atoms:new T(t,4),bonds:new T(t,3),lines:new T(t,3),clouds:new T(t,4)}}gl;spheres;sticks;shapes;drawing;load(t){this.drawing=t,this.shapes.atoms.load(t.spheres.length/4,t.spheres,t.sphereColours),this.shapes.bonds.load(t.sticks.length/6,t.sticks,t.stickColours),this.shapes.lines.load(t.lines.length/6,t.lines,t.lineColours),this.shapes.clouds.load(t.clouds.length/4,t.clouds,t.cloudColours)}paint(t,e,o,n,s=!1){let{gl:a,drawing:i}=this;if(!i||!o||!n)return;this.prepare(i,o,n);let c=o/n,{view:l,projection:h}=t.matrices(c,e),[d,u]=t.depths(Math.min(e,t.radius)),m={view:l,projection:h,perspective:t.perspective,depths:[d,u],ground:i.ground},b=t.extent/Math.min(o,n);(!s||i.sticks.length<6*Me)&&this.drawSticks({...m,thickness:i.thickness,opacity:1,light:1},"bonds"),this.drawSpheres({...m,size:i.size,opacity:1,light:1},"atoms");let M=Ee*Math.max(devicePixelRatio,1)*b,X=-(t.perspective?M/t.distance:M);this.drawSticks({...m,thickness:X,opacity:1,light:0},"lines"),a.disable(a.SAMPLE_ALPHA_TO_COVERAGE),a.enable(a.BLEND),a.depthMask(!1),this.drawSpheres({...m,size:i.size,opacity:Te,light:1},"clouds")}prepare({ground:t},e,o){let{gl:n}=this;n.viewport(0,0,e,o),n.depthMask(!0),n.clearColor(...t,1),n.clear(n.COLOR_BUFFER_BIT|n.DEPTH_BUFFER_BIT),n.enable(n.DEPTH_TEST),n.disable(n.BLEND),n.blendFuncSeparate(n.SRC_ALPHA,n.ONE_MINUS_SRC_ALPHA,n.ZERO,n.ONE),n.enable(n.SAMPLE_ALPHA_TO_COVERAGE)}drawSpheres(t,e){this.spheres.use(t),this.repeat(this.spheres,this.shapes[e])}drawSticks(t,e){this.sticks.use(t),this.repeat(this.sticks,this.shapes[e])}repeat(t,e){for(let o of this.drawing?.offsets??[])t.set("offset",o),e.draw()}};var ke=/swiftshader|llvmpipe|software|basic render/i,Ft;function Lt(){return Ft??=ke.test(Se()),Ft}function Se(){let r=document.createElement("canvas").getContext("webgl2");if(!r)return"";let t=r.getExtension("WEBGL_debug_renderer_info"),e=String(r.getParameter(t?t.UNMASKED_RENDERER_WEBGL:r.RENDERER));return r.getExtension("WEBGL_lose_context")?.loseContext(),e}var Fe=80,Le=250,K=class{constructor(t,e=new F){this.canvas=t;this.camera=e;this.gl=t.getContext("webgl2",{alpha:!1,antialias:!Lt()}),this.gl&&(this.painter=new C(this.gl)),t.addEventListener("webglcontextlost",this.lose),t.addEventListener("webglcontextrestored",this.regain)}canvas;camera;style={bonds:!0,cell:!0,springs:!1,repeat:[1,1,1]};ink={ground:"#ffffff",line:"#555555"};onPainted=()=>{};gl;painter;shown;orientation=w;fresh=!1;stale=!1;due=0;size=[0,0];slow=!1;coarse=!1;resting;get works(){return this.gl!==null}show(t,e,o){this.shown={atoms:t,frame:e},this.orientation=o,this.fresh=!0,this.stale=!0,this.camera.placed||this.reset(),this.follow()}reset(){if(!this.shown)return;let t=this.canvas.width/(this.canvas.height||1);this.camera.fit(rt(this.shown.frame,this.style),ot,this.orientation,t),this.refresh()}rebuild(){this.stale=!0,this.refresh()}refresh=()=>{if(this.due)return;let t=performance.now();this.due=requestAnimationFrame(()=>{this.due=0,this.coarse||(this.slow=performance.now()-t>Fe),this.paint()})};follow=()=>{this.slow&&this.be(!0),clearTimeout(this.resting),this.resting=setTimeout(()=>this.be(!1),Le),this.refresh()};resize(t,e){this.size=[t,e],this.adapt(),this.camera.moved||this.reset(),this.paint()}snapshot(){return this.paint(),this.canvas.toDataURL("image/png")}destroy(){cancelAnimationFrame(this.due),clearTimeout(this.resting),this.canvas.removeEventListener("webglcontextlost",this.lose),this.canvas.removeEventListener("webglcontextrestored",this.regain),this.gl?.getExtension("WEBGL_lose_context")?.loseContext()}be(t){t!==this.coarse&&(this.coarse=t,this.adapt(),this.refresh())}adapt(){let t=this.coarse?.5:Math.max(devicePixelRatio,1),[e,o]=this.size.map(n=>Math.round(n*t));(this.canvas.width!==e||this.canvas.height!==o)&&Object.assign(this.canvas,{width:e,height:o})}paint(){let{painter:t,shown:e,canvas:o,camera:n}=this;!t||!e||!o.width||!o.height||this.gl?.isContextLost()||(this.stale&&t.load(Et(e.atoms,e.frame,this.style,this.ink)),this.stale=!1,t.paint(n,wt(n.target,e.frame,this.style),o.width,o.height,this.coarse),this.fresh&&this.onPainted(),this.fresh=!1)}lose=t=>{t.preventDefault(),this.painter=void 0};regain=()=>{this.gl&&(this.painter=new C(this.gl)),this.rebuild()}};function L(r){return new Float32Array(r.buffer.slice(r.byteOffset,r.byteOffset+r.byteLength))}function st(r,t){return{told:r,scale:r.scale,positions:L(t.positions),cell:L(t.cell),values:L(t.values),beads:L(t.beads)}}function Rt(r){let{buffer:t,byteOffset:e,byteLength:o}=r.species;return{...r,species:new Uint8Array(t.slice(e,e+o))}}function Vt(r){return v(L(r))}function Nt(r){let[t=0,e=0,o=0]=(getComputedStyle(r).color.match(/[\d.]+/g)??[]).map(Number);return .299*t+.587*e+.114*o>128?"dark":"light"}function It(r){let t=()=>{for(let n of[0,300,1500])setTimeout(r,n)},e=new MutationObserver(t);for(let n of[document.documentElement,document.body])e.observe(n,{attributes:!0,attributeFilter:["class","style","data-jp-theme-name"]});let o=matchMedia("(prefers-color-scheme: dark)");return o.addEventListener("change",t),()=>{e.disconnect(),o.removeEventListener("change",t)}}var Y=class{constructor(t,e,o,n){this.tools=t;this.buttons=t.map(s=>{let a=`${s.title} (${s.key})`,i=p("button",{type:"button",title:a,"aria-label":s.title},s.label);return i.addEventListener("click",()=>this.use(s)),[s,i]}),e.length>1&&this.root.append(Re(e,o,n)),this.root.append(...this.buttons.map(([,s])=>s)),this.tell()}tools;root=p("div",{className:"tools",role:"toolbar","aria-label":"view"});buttons;press(t){let e=this.tools.find(o=>o.key===t);return e&&this.use(e),e!==void 0}use(t){t.act(),this.tell()}tell(){for(let[t,e]of this.buttons)t.on&&e.setAttribute("aria-pressed",String(t.on()))}};function Re(r,t,e){let o=r.map(({name:s,label:a})=>p("option",{value:s,selected:s===e},a)),n=p("select",{"aria-label":"colour by",title:"Colour by"},...o);return n.addEventListener("change",()=>t(n.value)),n}var Ct=`:host {
  display: block;
  min-width: 0;
}

.viewer {
  --accent: var(--jp-brand-color1, #1976d2);
  --line: var(--jp-border-color2, #8884);
  --field: var(--jp-layout-color1, Field);
  color: var(--jp-ui-font-color1, inherit);
  font: 12px / 1.4 var(--jp-ui-font-family, system-ui, sans-serif);
  font-variant-numeric: tabular-nums;
}

.viewer [hidden] {
  display: none;
}

.stage {
  position: relative;
  box-sizing: border-box;
  overflow: hidden;
  border: 1px solid var(--line);
  border-radius: 4px;
}

canvas {
  position: absolute;
  inset: 0;
  width: 100%;
  height: 100%;
  cursor: grab;
  touch-action: none;
}

canvas:active {
  cursor: grabbing;
}

:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: -2px;
}

.key,
.tools {
  position: absolute;
  display: flex;
  gap: 3px 9px;
  padding: 3px 7px;
  border-radius: 3px;
  background: color-mix(in srgb, var(--ground) 78%, transparent);
}

.key {
  bottom: 6px;
  left: 6px;
  flex-wrap: wrap;
  max-width: calc(100% - 26px);
  pointer-events: none;
}

.key.scale {
  display: grid;
  width: 150px;
}

.viewer[data-theme="light"] {
  --ground: #fff;
}

.viewer[data-theme="dark"] {
  --ground: #111;
}

.entry {
  display: inline-flex;
  gap: 4px;
  align-items: center;
}

.dot {
  width: 11px;
  height: 11px;
  border: 1px solid #8888;
  border-radius: 50%;
}

.colours {
  height: 9px;
  border-radius: 2px;
}

.ends {
  display: flex;
  justify-content: space-between;
}

.tools {
  top: 6px;
  right: 6px;
  gap: 3px;
  padding: 2px;
  opacity: 0;
  transition: opacity 0.15s;
}

.stage:hover .tools,
.stage:focus-within .tools {
  opacity: 1;
}

button,
select {
  padding: 1px 7px;
  border: 1px solid var(--line);
  border-radius: 3px;
  background: var(--field);
  color: inherit;
  font: inherit;
  cursor: pointer;
}

button:hover,
button[aria-pressed="true"] {
  border-color: var(--accent);
}

.player {
  display: flex;
  gap: 5px;
  align-items: center;
  padding: 5px 0 2px;
}

.player button {
  min-width: 28px;
}

.player input {
  flex: 1;
  min-width: 60px;
  margin: 0 4px;
  accent-color: var(--accent);
}

.caption {
  min-width: 110px;
  text-align: right;
}

@media (hover: none) {
  .tools {
    opacity: 1;
  }
}
`;var Ne={light:{ground:"#ffffff",line:"#5f6368"},dark:{ground:"#111111",line:"#a8adb3"}},Ie="This browser has no WebGL2, so the structure cannot be drawn here.",Ce="arrow keys turn, with Shift move, plus and minus zoom, 0 resets",Pe=new DataView(new ArrayBuffer(0)),it=class{constructor(t,e,o){this.model=t;this.scene=new K(this.canvas,o),Object.assign(this.scene.style,{repeat:t.get("repeat"),bonds:t.get("bonds")}),this.shown=this.given();let{by:n,index:s}=this.shown.told,a=new P(Math.max(t.get("count"),1),l=>this.send(l),n);t.get("count")&&a.add(this.shown),this.player=new _(a,s,l=>this.put(l)),this.toolbar=new Y(this.tools(),t.get("colourings"),l=>this.player.colour(l),n);let i=p("div",{className:"stage"},this.canvas,this.legend.root,this.toolbar.root);i.style.height=`${t.get("height")}px`;let c=this.scene.works?i:p("p",{role:"note"},Ie);this.root=p("div",{className:"viewer"},c,this.player.root),e.replaceChildren(p("style",{},Ct),this.root),this.listen(i),this.retheme(),this.player.tell(this.shown.told.caption),this.put(this.shown)}model;root;canvas=p("canvas",{tabIndex:0,role:"img"});scene;legend=new D;player;toolbar;leaving=[];shown;destroy(){this.player.pause();for(let t of this.leaving)t();this.scene.destroy()}listen(t){let{model:e,scene:o}=this,n=new ResizeObserver(()=>o.resize(t.clientWidth,t.clientHeight));n.observe(t),e.on("change:number",this.update),e.on("change:repeat",this.repeat),e.on("msg:custom",this.receive),this.root.addEventListener("keydown",this.press),o.onPainted=()=>this.tellPainted(),this.leaving.push(()=>n.disconnect(),()=>e.off("change:number",this.update),()=>e.off("change:repeat",this.repeat),()=>e.off("msg:custom",this.receive),It(()=>this.retheme()),bt(this.canvas,o.camera,o.follow,()=>o.reset()))}tools(){let{scene:t}=this,{style:e,camera:o}=t,n=i=>()=>{e[i]=!e[i],t.rebuild()},s=()=>{o.perspective=!o.perspective,t.refresh()},a={label:"springs",title:"Springs",key:"s",on:()=>e.springs,act:n("springs")};return[{label:"bonds",title:"Bonds",key:"b",on:()=>e.bonds,act:n("bonds")},{label:"cell",title:"Unit cell",key:"c",on:()=>e.cell,act:n("cell")},...this.shown.beads.length?[a]:[],{label:"depth",title:"Perspective",key:"p",on:()=>o.perspective,act:s},{label:"\u27F2",title:"Reset view",key:"0",act:()=>t.reset()},{label:"PNG",title:"Save as PNG",key:"i",act:()=>Oe(t.snapshot())}]}press=t=>{if(!(t.target instanceof HTMLSelectElement||t.ctrlKey||t.altKey||t.metaKey)){if(t.target===this.canvas&&t.key===" ")this.player.toggle();else if(t.key===","||t.key===".")this.player.step(t.key==="."?1:-1);else if(!this.toolbar.press(t.key))return;t.preventDefault()}};given(){let{model:t}=this;return st(t.get("frame"),{positions:t.get("positions"),cell:t.get("cell"),values:t.get("values"),beads:t.get("beads")})}repeat=()=>{this.scene.style.repeat=this.model.get("repeat"),this.scene.rebuild(),this.scene.camera.moved||this.scene.reset()};update=()=>this.put(this.given());receive=(t,e=[])=>{let{told:o}=t??{},[n,s,a]=e;o&&n&&s&&a&&this.player.heed(st(o,{positions:n,cell:s,values:a,beads:Pe}))};put(t){this.shown=t;let{model:e}=this,[o,n,s]=[e.get("species"),e.get("elements"),e.get("periodic")],a=Rt({species:o,elements:n,periodic:s});this.legend.update(n,t.values.length?t.scale:null),this.canvas.setAttribute("aria-label",`${e.get("title")}: ${Ce}`),this.scene.show(a,t,Vt(e.get("orientation")))}retheme(){let t=Nt(this.root);this.root.dataset.theme=t,this.scene.ink=Ne[t],this.scene.rebuild()}tellPainted(){this.root.dataset.painted=String(this.model.get("number")),this.root.dataset.frame=String(this.shown.told.index),this.send({ask:"painted",number:this.model.get("number")})}send(t){this.model.send(t)}};function Oe(r){p("a",{href:r,download:"structure.png"}).click()}var Ur=()=>{let r=new F;return{render({model:t,el:e}){e.setAttribute("data-lm-suppress-shortcuts","true");let o=new it(t,e.shadowRoot??e.attachShadow({mode:"open"}),r);return()=>o.destroy()}}};export{K as Scene,Ur as default};
