/* Built from widgets/src by `npm run build`; run_panel.js contains uPlot (MIT License, Leon Sorokin). */
function d(r,t={},...e){let o=document.createElement(r);for(let[s,n]of Object.entries(t))s.includes("-")||s==="role"||s==="for"?o.setAttribute(s,String(n)):Object.assign(o,{[s]:n});return o.append(...e),o}function Z(r,t){r.textContent!==t&&(r.textContent=t)}var O=class{constructor(t,e,o){this.count=t;this.send=e;this.by=o}count;send;by;kept=new Map;asked=new Map;colour(t){this.by=t,this.kept.clear(),this.asked.clear()}add(t){let{index:e,by:o}=t.told;if(o!==this.by)return!1;this.asked.delete(e),this.kept.delete(e),this.kept.set(e,t);let s=Math.max(12,Math.floor(48e6/(4*(t.positions.length+t.values.length)||1)));for(let n of this.kept.keys())this.kept.size>s&&this.kept.delete(n);return!0}get(t,e=1,o=performance.now()){let s=Array.from({length:7},(a,i)=>this.wrap(t+i*e)),n=[...new Set(s)].filter(a=>!this.kept.has(a)&&!this.isAsked(a,o));if(n.length&&(n[0]===t||n.length>6/2||this.asked.size===0)){for(let a of n)this.asked.set(a,o);this.send({ask:"frames",numbers:n,by:this.by})}return this.kept.get(t)}wrap(t){return(t%this.count+this.count)%this.count}isAsked(t,e){return e-(this.asked.get(t)??Number.NEGATIVE_INFINITY)<3e3}};function zt(r){return Math.round(r).toString().replace(/\B(?=(\d{3})+(?!\d))/g,"\u2009")}function lt(r,t=4){if(r==null||!Number.isFinite(r))return"\u2013";if(Math.abs(r)>=1e3&&Math.abs(r)<1e7)return zt(r);let e=Number(r.toPrecision(t));return(Object.is(e,-0)?"0":e.toString()).replace("-","\u2212")}var R=[[68,1,84],[71,44,122],[59,81,139],[44,113,142],[33,144,141],[39,173,129],[92,200,99],[170,220,50],[253,231,37]],J=[150,150,150];function Ut(r){let t=Math.min(Math.max(r,0),1)*(R.length-1),e=Math.min(Math.floor(t),R.length-2),[o,s]=[R[e]??J,R[e+1]??J],n=a=>Math.round(o[a]+(s[a]-o[a])*(t-e));return[n(0),n(1),n(2)]}function P(r){let t=Number.parseInt(r.slice(1),16);return[t>>16&255,t>>8&255,t&255]}function ct(r,t){return pt(Int32Array.from(r),t.map(P))}var Ht=Array.from({length:256},(r,t)=>Ut(t/255));function ht(r,{low:t,high:e}){let o=255/(e-t||1),s=new Int32Array(r.length);for(let n=0;n<s.length;n++){let a=((r[n]??Number.NaN)-t)*o;s[n]=Number.isNaN(a)?-1:Math.round(Math.min(Math.max(a,0),255))}return pt(s,Ht)}function pt(r,t){let e=new Uint8Array(4*r.length).fill(255);for(let o=0;o<r.length;o++){let s=t[r[o]??-1]??J;e[4*o]=s[0],e[4*o+1]=s[1],e[4*o+2]=s[2]}return e}function dt(){return`linear-gradient(to right, ${R.map(r=>`rgb(${r.join(" ")})`).join(", ")})`}var D=class{root=d("div",{className:"key"});told="";update(t,e){let o=JSON.stringify([t,e]);o!==this.told&&(this.told=o,this.root.replaceChildren(...e?$t(e):t.map(Gt)),this.root.classList.toggle("scale",e!==null))}};function Gt({symbol:r,colour:t}){let e=d("span",{className:"dot"});return e.style.background=t,d("span",{className:"entry"},e,r)}function $t({label:r,unit:t,low:e,high:o}){let s=d("span",{className:"colours"});s.style.background=dt();let n=d("span",{className:"name"},t&&t!=="1"?`${r} (${t})`:r),a=[e,(e+o)/2,o].map(i=>d("span",{},lt(i,2)));return[n,s,d("span",{className:"ends"},...a)]}var Bt=20,z=class{constructor(t,e,o,s){this.frames=t;this.show=o;this.latest=s;this.index=this.wanted=e;let n=_("back","\u2039","One frame back (,)"),a=_("on","\u203A","One frame on (.)");this.root=d("div",{className:"player",role:"group","aria-label":"trajectory"}),this.root.append(n,this.play,a,this.slider,this.newest,this.caption),n.addEventListener("click",()=>this.step(-1)),a.addEventListener("click",()=>this.step(1)),this.play.addEventListener("click",()=>this.toggle()),this.newest.addEventListener("click",()=>this.follow()),this.slider.addEventListener("input",()=>this.choose(this.slider.valueAsNumber)),this.grow(t.count)}frames;show;latest;root;index;wanted;timer;live=!1;following=!1;said="";play=_("play","");newest=_("newest","live","Show the newest frame (l)");slider=d("input",{type:"range",min:0,step:1,"aria-label":"frame"});caption=d("output",{className:"caption"});get playing(){return this.timer!==void 0}setLive(t){t&&!this.live&&(this.following=!0),this.live=t,this.following&&=t,this.tellState()}grow(t){this.frames.count=t,this.slider.max=String(t-1),this.slider.valueAsNumber=this.wanted,this.root.hidden=t<2,this.tell(this.said)}arrive(t){!this.following&&this.live||(this.wanted=t.told.index,this.slider.valueAsNumber=this.wanted,this.put(t))}follow(){this.live&&(this.pause(),this.following=!0,this.arrive(this.latest()),this.tellState())}toggle(){this.playing?this.pause():(this.following&&this.choose(0),this.timer=setInterval(()=>this.advance(),1e3/Bt)),this.tellState()}pause(){clearInterval(this.timer),this.timer=void 0,this.tellState()}step(t){this.pause(),this.choose(this.frames.wrap(this.wanted+t),t)}heed(t){this.frames.add(t)&&t.told.index===this.wanted&&this.put(t)}colour(t){this.frames.colour(t),this.go(this.wanted,this.following?0:1)}tell(t){this.said=t,Z(this.caption,`${t}${t?" \xB7 ":""}${this.index+1} / ${this.frames.count}`),this.slider.setAttribute("aria-valuetext",t||`frame ${this.index+1}`)}advance(){this.index!==this.wanted?this.go(this.wanted):this.live&&this.index+1>=this.frames.count?this.follow():this.go(this.frames.wrap(this.index+1))}choose(t,e=1){this.following=!1,this.tellState(),this.go(t,e)}go(t,e=1){this.wanted=t,this.slider.valueAsNumber=t;let o=this.frames.get(t,e);o&&this.put(o)}put(t){this.index=t.told.index,this.show(t),this.tell(t.told.caption)}tellState(){Z(this.play,this.playing?"\u275A\u275A":"\u25B6"),this.play.setAttribute("aria-label",this.playing?"pause":"play"),this.play.title=`${this.playing?"Pause":"Play"} (space)`,this.newest.hidden=!this.live,this.newest.setAttribute("aria-pressed",String(this.following))}};function _(r,t,e=""){let o=e.replace(/ \(.\)$/,"").toLowerCase();return d("button",{type:"button",className:r,title:e,"aria-label":o},t)}var w=[[1,0,0],[0,1,0],[0,0,1]],g=(r,t)=>[r[0]+t[0],r[1]+t[1],r[2]+t[2]],E=(r,t)=>[r[0]-t[0],r[1]-t[1],r[2]-t[2]],f=(r,t)=>[r[0]*t,r[1]*t,r[2]*t],S=(r,t)=>r[0]*t[0]+r[1]*t[1]+r[2]*t[2],A=r=>Math.hypot(r[0],r[1],r[2]),ut=r=>f(r,1/(A(r)||1));function k(r,t){return[r[1]*t[2]-r[2]*t[1],r[2]*t[0]-r[0]*t[2],r[0]*t[1]-r[1]*t[0]]}function U(r,t){return[S(r[0],t),S(r[1],t),S(r[2],t)]}function v(r,t){return g(g(f(t[0],r[0]),f(t[1],r[1])),f(t[2],r[2]))}function Q(r,t){return[v(r[0],t),v(r[1],t),v(r[2],t)]}function tt(r,t){let[e,o]=[Math.cos(t),Math.sin(t)],s=l=>g(g(f(l,e),f(k(r,l),o)),f(r,S(r,l)*(1-e))),[n,a,i]=[s([1,0,0]),s([0,1,0]),s([0,0,1])];return[[n[0],a[0],i[0]],[n[1],a[1],i[1]],[n[2],a[2],i[2]]]}function mt([r,t]){let e=ut(r),o=ut(E(t,f(e,S(e,t))));return[e,o,k(e,o)]}function y(r){let t=e=>[r[e]??0,r[e+1]??0,r[e+2]??0];return[t(0),t(3),t(6)]}function ft([r,t,e]){let o=S(r,k(t,e));return{columns:[f(k(t,e),1/o),f(k(e,r),1/o),f(k(r,t),1/o)],volume:o}}var et=.23,bt=4,jt=1.04,Wt=200,Kt=20,F=class{rotation=w;target=[0,0,0];extent=10;radius=5;perspective=!0;placed=!1;moved=!1;get distance(){return this.extent/(2*Math.tan(et))}fit(t,e,o,s){let n=t.map(h=>U(o,h)),a=f(g(Yt(n),Xt(n)),.5);this.rotation=o,this.target=v(a,o),this.radius=e+n.reduce((h,p)=>Math.max(h,A(E(p,a))),0);let[i,l]=H(s),c=n.map(h=>{let[p,u,m]=E(h,a),b=this.perspective?m*Math.tan(et):0;return Math.max(Math.abs(p)/i,Math.abs(u)/l)+b});this.extent=2*jt*(e+c.reduce((h,p)=>Math.max(h,p),0)),this.placed=!0,this.moved=!1}turn(t,e){let o=Q(tt([1,0,0],bt*e),tt([0,1,0],bt*t));this.rotation=mt(Q(o,this.rotation)),this.moved=!0}pan(t,e){this.target=g(this.target,v([-t*this.extent,e*this.extent,0],this.rotation)),this.moved=!0}zoom(t){let e=this.extent/t;this.extent=Math.min(Math.max(e,this.radius/Wt),this.radius*Kt),this.moved=!0}toView(t){return U(this.rotation,E(t,this.target))}project(t,e){let[o,s,n]=this.toView(t),[a,i]=H(e),l=this.extent*(this.perspective?(this.distance-n)/this.distance:1);return[.5+o/(l*a),.5-s/(l*i)]}depths(t){let e=this.perspective?this.distance:0,o=e-t;return[this.perspective?Math.max(o,this.distance/100):o,e+t]}matrices(t,e){let[o,s]=this.depths(e),[n,a,i]=this.rotation,[l,c,h]=U(this.rotation,this.target),p=this.perspective?this.distance:0,u=[n[0],a[0],i[0],0,n[1],a[1],i[1],0,n[2],a[2],i[2],0,-l,-c,-h-p,1],m=this.perspective?this.frustum(t,o,s):this.box(t,o,s);return{view:new Float32Array(u),projection:new Float32Array(m)}}frustum(t,e,o){let s=1/Math.tan(et),[n,a]=H(t),i=1/(e-o);return[s/n,0,0,0,0,s/a,0,0,0,0,(e+o)*i,-1,0,0,2*e*o*i,0]}box(t,e,o){let s=2/this.extent,[n,a]=H(t),i=1/(e-o);return[s/n,0,0,0,0,s/a,0,0,0,0,2*i,0,0,0,(e+o)*i,1]}};function H(r){return r>1?[r,1]:[1,1/r]}var Yt=r=>r.reduce((t,e)=>[Math.min(t[0],e[0]),Math.min(t[1],e[1]),Math.min(t[2],e[2])]),Xt=r=>r.reduce((t,e)=>[Math.max(t[0],e[0]),Math.max(t[1],e[1]),Math.max(t[2],e[2])]);var qt={ArrowLeft:r=>r.turn(-.04,0),ArrowRight:r=>r.turn(.04,0),ArrowUp:r=>r.turn(0,-.04),ArrowDown:r=>r.turn(0,.04),"+":r=>r.zoom(1.15),"=":r=>r.zoom(1.15),"-":r=>r.zoom(.8695652173913044)},Zt={ArrowLeft:r=>r.pan(-.04,0),ArrowRight:r=>r.pan(.04,0),ArrowUp:r=>r.pan(0,-.04),ArrowDown:r=>r.pan(0,.04)};function gt(r,t,e,o){let s=new AbortController,n=(i,l)=>{r.addEventListener(i,l,{signal:s.signal,passive:!1})},a=new Map;n("pointerdown",i=>{r.setPointerCapture(i.pointerId),a.set(i.pointerId,i)});for(let i of["pointerup","pointercancel","lostpointercapture"])n(i,l=>a.delete(l.pointerId));return n("pointermove",i=>{let l=a.get(i.pointerId);l&&(Jt(t,l,i,[...a.values()],Math.min(r.clientWidth,r.clientHeight)||1),a.set(i.pointerId,i),e())}),n("wheel",i=>{!i.ctrlKey&&!Qt(r)||(i.preventDefault(),t.zoom(Math.exp(-.0015*i.deltaY*(i.deltaMode?30:1))),e())}),n("keydown",i=>{let l=i.shiftKey&&Zt[i.key]||qt[i.key];!l||i.ctrlKey||i.altKey||i.metaKey||(i.preventDefault(),l(t),e())}),n("contextmenu",i=>i.preventDefault()),n("dblclick",o),()=>s.abort()}function Jt(r,t,e,o,s){let[n,a]=[(e.clientX-t.clientX)/s,(e.clientY-t.clientY)/s],i=o.find(l=>l.pointerId!==e.pointerId);if(i){let[l,c]=[t,e].map(h=>Math.hypot(h.clientX-i.clientX,h.clientY-i.clientY));r.zoom((c||1)/(l||1)),r.pan(n/2,a/2)}else e.shiftKey||e.buttons&6?r.pan(n,a):r.turn(n,a)}function Qt(r){return r.getRootNode().activeElement===r}var te=64;function vt(r,t){let e=y(r.cell),{columns:o,volume:s}=ft(e);return r.cell.length===9&&Math.abs(s)>1e-6?new G(r,e,o,t):new G(r,w,w,t)}var G=class{constructor(t,e,o,s){this.crystal=t;this.vectors=e;this.columns=o;this.cutoff=s;this.most=s*s;let n=t.positions.length/3;this.wraps=[0,1,2].map(i=>e!==w&&(t.periodic[i]??!1));let a=this.fractions(n);for(let i of[0,1,2])this.divide(i,a);this.next=new Int32Array(n).fill(-1),this.first=new Int32Array(this.counts[0]*this.counts[1]*this.counts[2]).fill(-1);for(let i=n-1;i>=0;i--)this.sort(i,a)}crystal;vectors;columns;cutoff;counts=[1,1,1];low=[0,0,0];span=[1,1,1];wraps;most;thickness=[1,1,1];first;next;fractions(t){let{positions:e}=this.crystal,o=new Float64Array(3*t),[s,n,a]=this.columns;for(let i=0;i<3*t;i+=3){let l=e[i]??0,c=e[i+1]??0,h=e[i+2]??0;o[i]=s[0]*l+s[1]*c+s[2]*h,o[i+1]=n[0]*l+n[1]*c+n[2]*h,o[i+2]=a[0]*l+a[1]*c+a[2]*h}return o}divide(t,e){if(!this.wraps[t]){let[s,n]=[Number.POSITIVE_INFINITY,Number.NEGATIVE_INFINITY];for(let a=t;a<e.length;a+=3)s=Math.min(s,e[a]??0),n=Math.max(n,e[a]??0);[this.low[t],this.span[t]]=[s,Math.max(n-s,1e-9)]}let o=this.span[t]/A(this.columns[t]);this.counts[t]=Math.min(Math.max(Math.floor(o/this.cutoff),1),te),this.thickness[t]=o/this.counts[t]}sort(t,e){let o=0;for(let s of[0,1,2]){let n=((e[3*t+s]??0)-this.low[s])/this.span[s],a=Math.floor(n*this.counts[s]);o=o*this.counts[s]+Math.min(Math.max(a,0),this.counts[s]-1)}this.next[t]=this.first[o]??-1,this.first[o]=t}pairs(t){let e=this.thickness.map((i,l)=>this.reach(l,i)),o=ee(e),[s,n,a]=this.counts;for(let i=0;i<s;i++)for(let l=0;l<n;l++)for(let c=0;c<a;c++){let h=this.first[(i*n+l)*a+c]??-1;if(!(h<0))for(let p of o)this.visitBox(h,i+p[0],l+p[1],c+p[2],p===yt,t)}}reach(t,e){let o=Math.ceil(this.cutoff/e-1e-9);return this.wraps[t]?o:Math.min(o,(this.counts[t]??1)-1)}visitBox(t,e,o,s,n,a){let[i,l,c]=this.counts,h=Math.floor(e/i),p=Math.floor(o/l),u=Math.floor(s/c);if(h&&!this.wraps[0]||p&&!this.wraps[1]||u&&!this.wraps[2])return;let m=this.first[((e-h*i)*l+o-p*l)*c+s-u*c]??-1;if(m<0)return;let[b,x,M]=this.vectors,q=h*b[0]+p*x[0]+u*M[0],Pt=h*b[1]+p*x[1]+u*M[1],Dt=h*b[2]+p*x[2]+u*M[2],_t=h!==0||p!==0||u!==0;for(let N=t;N>=0;N=this.next[N]??-1)this.visitPartners(N,n?this.next[N]??-1:m,q,Pt,Dt,_t,a)}visitPartners(t,e,o,s,n,a,i){let{positions:l}=this.crystal,c=(l[3*t]??0)-o,h=(l[3*t+1]??0)-s,p=(l[3*t+2]??0)-n;for(let u=e;u>=0;u=this.next[u]??-1){let m=(l[3*u]??0)-c,b=(l[3*u+1]??0)-h,x=(l[3*u+2]??0)-p;m*m+b*b+x*x<=this.most&&i(t,u,m,b,x,a)}}},yt=[0,0,0];function ee([r,t,e]){let o=[yt];for(let s=0;s<=r;s++)for(let n=s?-t:0;n<=t;n++)for(let a=s||n?-e:1;a<=e;a++)o.push([s,n,a]);return o}var xt=1.2;function wt(r){let{positions:t,radii:e}=r,o=new rt(4*e.length),s=2*xt*e.reduce((n,a)=>Math.max(n,a),0);return!s||e.length<2||vt(r,s).pairs((n,a,i,l,c,h)=>{let p=xt*((e[n]??0)+(e[a]??0));i*i+l*l+c*c>p*p||(h?(o.add(n,n,t,i/2,l/2,c/2),o.add(a,a,t,-i/2,-l/2,-c/2)):o.add(n,a,t,i,l,c))}),o}var rt=class{ends;atoms;count=0;constructor(t){this.ends=new Float32Array(6*t),this.atoms=new Uint32Array(2*t)}add(t,e,o,s,n,a){2*this.count===this.atoms.length&&this.grow();let{ends:i}=this,l=6*this.count;i[l]=o[3*t]??0,i[l+1]=o[3*t+1]??0,i[l+2]=o[3*t+2]??0,i[l+3]=(i[l]??0)+s,i[l+4]=(i[l+1]??0)+n,i[l+5]=(i[l+2]??0)+a,this.atoms[2*this.count]=t,this.atoms[2*this.count+1]=e,this.count++}grow(){let[t,e]=[this.ends,this.atoms];this.ends=new Float32Array(2*t.length+6),this.atoms=new Uint32Array(2*e.length+2),this.ends.set(t),this.atoms.set(e)}};var $=({cell:r})=>r.length===9&&r.some(t=>t!==0);function B(r,{repeat:t}){let[e,o,s]=$(r)?t:[1,1,1],n=y(r.cell),a=[];for(let i=0;i<e;i++)for(let l=0;l<o;l++)for(let c=0;c<s;c++)a.push(v([i,l,c],n));return a}function ot(r,t){let e=$(r)?re(r):se(r.positions),o=B(r,t);return(o.length>1?[o[0],o[o.length-1]]:o).flatMap(n=>e.map(a=>g(a,n??[0,0,0])))}function At(r,t,e){let o=n=>n.reduce((a,i)=>Math.max(a,A(E(i,r))),0),s=B(t,e).map(A);return o([...ot(t,e),...oe(t.positions)])+Math.max(...s)+st}var st=1;function re(r){let t=y(r.cell);return[0,1,2,3,4,5,6,7].map(e=>v([e&1,e>>1&1,e>>2],t))}function oe(r){let t=[0,0,0],e=[0,0,0];for(let s of[0,1,2]){t[s]=e[s]=r[s]??0;for(let n=s;n<r.length;n+=3)t[s]=Math.min(t[s],r[n]??0),e[s]=Math.max(e[s],r[n]??0)}let o=(s,n)=>s>>n&1?e[n]:t[n];return[0,1,2,3,4,5,6,7].map(s=>[o(s,0),o(s,1),o(s,2)])}function se(r){return Array.from({length:r.length/3},(t,e)=>{let o=3*e;return[r[o]??0,r[o+1]??0,r[o+2]??0]})}var ne=5e4,ie=[.2,.28],ae=[.1,.12],le=.12,ce=.6,he=[0,1,0,2,0,4,1,3,1,5,2,3,2,6,3,7,4,5,4,6,5,7,6,7];function Tt(r,t,e,o){let s=t.positions.length/3,n=e.beads?t.beads:pe,a=e.bonds&&s<=ne,i=me(r),l=t.values.length===s?ht(t.values,t.scale):ue(r),c=a?fe(t,r,i,l):de,h=ve(e.cell&&$(t)?be(t):[],e.springs?ge(t):[]);return{spheres:Et(t.positions,i,a?ie:[0,1]),sphereColours:l,...c,lines:h,lineColours:ye(P(o.line),h.length/3),clouds:Et(n,i,ae),cloudColours:xe(l,n.length/3),offsets:B(t,e),ground:P(o.ground).map(p=>p/255),size:n.length?ce:1,thickness:le}}var pe=new Float32Array,de={sticks:new Float32Array,stickColours:new Uint8Array};function ue({species:r,elements:t}){return ct(r,t.map(e=>e.colour))}function me({species:r,elements:t}){let e=new Float32Array(r.length);for(let o=0;o<e.length;o++)e[o]=t[r[o]??0]?.radius??1;return e}function Et(r,t,[e,o]){let s=new Float32Array(4*r.length/3);for(let n=0;n<r.length/3;n++)s[4*n]=r[3*n]??0,s[4*n+1]=r[3*n+1]??0,s[4*n+2]=r[3*n+2]??0,s[4*n+3]=e+o*(t[n%t.length]??0);return s}function fe(r,t,e,o){let s=wt({positions:r.positions,radii:e,cell:r.cell,periodic:t.periodic}),n=new Uint8Array(8*s.count);for(let a=0;a<2*s.count;a++){let i=4*(s.atoms[a]??0);for(let l=0;l<4;l++)n[4*a+l]=o[i+l]??255}return{sticks:s.ends.subarray(0,6*s.count),stickColours:n}}function be(r){let t=y(r.cell),e=o=>t.filter((n,a)=>o>>a&1).reduce(g,[0,0,0]);return he.flatMap(e)}function ge({positions:r,beads:t}){let e=r.length,o=[];for(let s=0;s<t.length;s+=3){let n=(s+e)%t.length;for(let a of[s,n])o.push(t[a]??0,t[a+1]??0,t[a+2]??0)}return o}function ve(r,t){let e=new Float32Array(r.length+t.length);return e.set(r),e.set(t,r.length),e}function ye(r,t){return Uint8Array.from({length:4*t},(e,o)=>r[o%4]??255)}function xe(r,t){return Uint8Array.from({length:4*t},(e,o)=>r[o%(r.length||1)]??255)}var[Mt,kt]=[0,1],C=class{constructor(t,[e,o]){this.gl=t;if(this.program=t.createProgram(),t.attachShader(this.program,this.compile(t.VERTEX_SHADER,e)),t.attachShader(this.program,this.compile(t.FRAGMENT_SHADER,o)),t.linkProgram(this.program),!t.getProgramParameter(this.program,t.LINK_STATUS)&&!t.isContextLost())throw new Error(t.getProgramInfoLog(this.program)??"the shaders do not fit");t.useProgram(this.program),t.uniform1i(this.place("places"),Mt),t.uniform1i(this.place("colours"),kt)}gl;program;places=new Map;use(t){this.gl.useProgram(this.program);for(let[e,o]of Object.entries(t))this.set(e,o)}set(t,e){let{gl:o}=this,s=this.place(t);typeof e=="number"?o.uniform1f(s,e):typeof e=="boolean"?o.uniform1i(s,Number(e)):e.length===16?o.uniformMatrix4fv(s,!1,e):e.length===3?o.uniform3fv(s,e):o.uniform2fv(s,e)}place(t){let e=this.places.get(t);if(e!==void 0)return e;let o=this.gl.getUniformLocation(this.program,t);return this.places.set(t,o),o}compile(t,e){let{gl:o}=this,s=o.createShader(t);if(o.shaderSource(s,e),o.compileShader(s),!o.getShaderParameter(s,o.COMPILE_STATUS)&&!o.isContextLost())throw new Error(o.getShaderInfoLog(s)??"a shader cannot be compiled");return s}},V=1024,j=class{constructor(t,e,o){this.gl=t;this.width=e;this.texture=t.createTexture();let s=e===3?[t.RGB32F,t.RGB,t.FLOAT]:[t.RGBA32F,t.RGBA,t.FLOAT];this.formats=o?[t.RGBA8,t.RGBA,t.UNSIGNED_BYTE]:[...s]}gl;width;texture;rows=0;formats;load(t){let{gl:e,width:o}=this,[,s,n]=this.formats,a=t.length/o;this.bind(0),this.reserve(Math.ceil(a/V));let i=Math.floor(a/V),l=t.subarray(i*V*o);i&&e.texSubImage2D(e.TEXTURE_2D,0,0,0,V,i,s,n,t),l.length&&e.texSubImage2D(e.TEXTURE_2D,0,0,i,l.length/o,1,s,n,l)}bind(t){let{gl:e}=this;e.activeTexture(e.TEXTURE0+t),e.bindTexture(e.TEXTURE_2D,this.texture)}reserve(t){if(t<=this.rows)return;let{gl:e}=this,[o,s,n]=this.formats;this.rows=t,e.texImage2D(e.TEXTURE_2D,0,o,V,t,0,s,n,null),e.texParameteri(e.TEXTURE_2D,e.TEXTURE_MIN_FILTER,e.NEAREST),e.texParameteri(e.TEXTURE_2D,e.TEXTURE_MAG_FILTER,e.NEAREST)}},T=class{constructor(t,e){this.gl=t;this.places=new j(t,e,!1),this.colours=new j(t,4,!0)}gl;places;colours;count=0;load(t,e,o){this.count=t,this.places.load(e),this.colours.load(o)}draw(){this.count&&(this.places.bind(Mt),this.colours.bind(kt),this.gl.drawArrays(this.gl.TRIANGLES,0,6*this.count))}};var W=`#version 300 es
precision highp float;
precision highp int;
uniform mat4 view, projection;
uniform bool perspective;
`,St=`
uniform highp sampler2D places, colours;
vec4 entry(highp sampler2D list, int index) { return texelFetch(list, ivec2(index & 1023, index >> 10), 0); }
const int CORNERS[6] = int[6](0, 1, 2, 2, 1, 3);
`,K=`
vec3 sight(vec3 place) { return perspective ? normalize(place) : vec3(0, 0, -1); }
`,Ft=`
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
`,we=`${W}${K}${St}
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
}`,Ae=`${W}${K}${Ft}
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
}`,Ee=`${W}${K}${St}
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
}`,Te=`${W}${K}${Ft}
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
}`,nt={spheres:[we,Ae],sticks:[Ee,Te]};var Me=.8,ke=.36,Se=2e3,I=class{constructor(t){this.gl=t;this.spheres=new C(t,nt.spheres),this.sticks=new C(t,nt.sticks),this.shapes={atoms:new T(t,4),bonds:new T(t,3),lines:new T(t,3),clouds:new T(t,4)}}gl;spheres;sticks;shapes;drawing;load(t){this.drawing=t,this.shapes.atoms.load(t.spheres.length/4,t.spheres,t.sphereColours),this.shapes.bonds.load(t.sticks.length/6,t.sticks,t.stickColours),this.shapes.lines.load(t.lines.length/6,t.lines,t.lineColours),this.shapes.clouds.load(t.clouds.length/4,t.clouds,t.cloudColours)}paint(t,e,o,s,n=!1){let{gl:a,drawing:i}=this;if(!i||!o||!s)return;this.prepare(i,o,s);let l=o/s,{view:c,projection:h}=t.matrices(l,e),[p,u]=t.depths(Math.min(e,t.radius)),m={view:c,projection:h,perspective:t.perspective,depths:[p,u],ground:i.ground},b=t.extent/Math.min(o,s);(!n||i.sticks.length<6*Se)&&this.drawSticks({...m,thickness:i.thickness,opacity:1,light:1},"bonds"),this.drawSpheres({...m,size:i.size,opacity:1,light:1},"atoms");let M=Me*Math.max(devicePixelRatio,1)*b,q=-(t.perspective?M/t.distance:M);this.drawSticks({...m,thickness:q,opacity:1,light:0},"lines"),a.disable(a.SAMPLE_ALPHA_TO_COVERAGE),a.enable(a.BLEND),a.depthMask(!1),this.drawSpheres({...m,size:i.size,opacity:ke,light:1},"clouds")}prepare({ground:t},e,o){let{gl:s}=this;s.viewport(0,0,e,o),s.depthMask(!0),s.clearColor(...t,1),s.clear(s.COLOR_BUFFER_BIT|s.DEPTH_BUFFER_BIT),s.enable(s.DEPTH_TEST),s.disable(s.BLEND),s.blendFuncSeparate(s.SRC_ALPHA,s.ONE_MINUS_SRC_ALPHA,s.ZERO,s.ONE),s.enable(s.SAMPLE_ALPHA_TO_COVERAGE)}drawSpheres(t,e){this.spheres.use(t),this.repeat(this.spheres,this.shapes[e])}drawSticks(t,e){this.sticks.use(t),this.repeat(this.sticks,this.shapes[e])}repeat(t,e){for(let o of this.drawing?.offsets??[])t.set("offset",o),e.draw()}};var Fe=/swiftshader|llvmpipe|software|basic render/i,Lt;function Nt(){return Lt??=Fe.test(Le()),Lt}function Le(){let r=document.createElement("canvas").getContext("webgl2");if(!r)return"";let t=r.getExtension("WEBGL_debug_renderer_info"),e=String(r.getParameter(t?t.UNMASKED_RENDERER_WEBGL:r.RENDERER));return r.getExtension("WEBGL_lose_context")?.loseContext(),e}var Ne=80,Re=250,Y=class{constructor(t,e=new F){this.canvas=t;this.camera=e;this.gl=t.getContext("webgl2",{alpha:!1,antialias:!Nt()}),this.gl&&(this.painter=new I(this.gl)),t.addEventListener("webglcontextlost",this.lose),t.addEventListener("webglcontextrestored",this.regain)}canvas;camera;style={bonds:!0,cell:!0,beads:!0,springs:!1,repeat:[1,1,1]};ink={ground:"#ffffff",line:"#555555"};onPainted=()=>{};gl;painter;shown;orientation=w;fresh=!1;stale=!1;due=0;size=[0,0];slow=!1;coarse=!1;resting;get works(){return this.gl!==null}show(t,e,o){this.shown={atoms:t,frame:e},this.orientation=o,this.fresh=!0,this.stale=!0,this.camera.placed||this.reset(),this.follow()}reset(){if(!this.shown)return;let t=this.canvas.width/(this.canvas.height||1);this.camera.fit(ot(this.shown.frame,this.style),st,this.orientation,t),this.refresh()}rebuild(){this.stale=!0,this.refresh()}refresh=()=>{if(this.due)return;let t=performance.now();this.due=requestAnimationFrame(()=>{this.due=0,this.coarse||(this.slow=performance.now()-t>Ne),this.paint()})};follow=()=>{this.slow&&this.be(!0),clearTimeout(this.resting),this.resting=setTimeout(()=>this.be(!1),Re),this.refresh()};resize(t,e){this.size=[t,e],this.adapt(),this.camera.moved||this.reset(),this.paint()}snapshot(){return this.paint(),this.canvas.toDataURL("image/png")}destroy(){cancelAnimationFrame(this.due),clearTimeout(this.resting),this.canvas.removeEventListener("webglcontextlost",this.lose),this.canvas.removeEventListener("webglcontextrestored",this.regain),this.gl?.getExtension("WEBGL_lose_context")?.loseContext()}be(t){t!==this.coarse&&(this.coarse=t,this.adapt(),this.refresh())}adapt(){let t=this.coarse?.5:Math.max(devicePixelRatio,1),[e,o]=this.size.map(s=>Math.round(s*t));(this.canvas.width!==e||this.canvas.height!==o)&&Object.assign(this.canvas,{width:e,height:o})}paint(){let{painter:t,shown:e,canvas:o,camera:s}=this;!t||!e||!o.width||!o.height||this.gl?.isContextLost()||(this.stale&&t.load(Tt(e.atoms,e.frame,this.style,this.ink)),this.stale=!1,t.paint(s,At(s.target,e.frame,this.style),o.width,o.height,this.coarse),this.fresh&&this.onPainted(),this.fresh=!1)}lose=t=>{t.preventDefault(),this.painter=void 0};regain=()=>{this.gl&&(this.painter=new I(this.gl)),this.rebuild()}};function L(r){return new Float32Array(r.buffer.slice(r.byteOffset,r.byteOffset+r.byteLength))}function it(r,t){return{told:r,scale:r.scale,positions:L(t.positions),cell:L(t.cell),values:L(t.values),beads:L(t.beads)}}function Rt(r){let{buffer:t,byteOffset:e,byteLength:o}=r.species;return{...r,species:new Uint8Array(t.slice(e,e+o))}}function Vt(r){return y(L(r))}function Ct(r){let[t=0,e=0,o=0]=(getComputedStyle(r).color.match(/[\d.]+/g)??[]).map(Number);return .299*t+.587*e+.114*o>128?"dark":"light"}function It(r){let t=()=>{for(let s of[0,300,1500])setTimeout(r,s)},e=new MutationObserver(t);for(let s of[document.documentElement,document.body])e.observe(s,{attributes:!0,attributeFilter:["class","style","data-jp-theme-name"]});let o=matchMedia("(prefers-color-scheme: dark)");return o.addEventListener("change",t),()=>{e.disconnect(),o.removeEventListener("change",t)}}var X=class{constructor(t,e,o,s){this.tools=t;this.buttons=t.map(n=>{let a=`${n.title} (${n.key})`,i=d("button",{type:"button",title:a,"aria-label":n.title},n.label);return i.addEventListener("click",()=>this.use(n)),[n,i]}),e.length>1&&this.root.append(Ve(e,o,s)),this.root.append(...this.buttons.map(([,n])=>n)),this.tell()}tools;root=d("div",{className:"tools",role:"toolbar","aria-label":"view"});buttons;press(t){let e=this.tools.find(o=>o.key===t&&(o.there?.()??!0));return e&&this.use(e),e!==void 0}use(t){t.act(),this.tell()}tell(){for(let[t,e]of this.buttons)t.on&&e.setAttribute("aria-pressed",String(t.on())),e.hidden=!(t.there?.()??!0)}};function Ve(r,t,e){let o=r.map(({name:n,label:a})=>d("option",{value:n,selected:n===e},a)),s=d("select",{"aria-label":"colour by",title:"Colour by"},...o);return s.addEventListener("change",()=>t(s.value)),s}var Ot=`:host {
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
  container-type: inline-size;
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

@container (max-width: 360px) {
  .player {
    flex-wrap: wrap;
  }

  .caption {
    flex-basis: 100%;
  }
}

@media (hover: none) {
  .tools {
    opacity: 1;
  }
}
`;var Ie={light:{ground:"#ffffff",line:"#5f6368"},dark:{ground:"#111111",line:"#a8adb3"}},Oe="This browser has no WebGL2, so the structure cannot be drawn here.",Pe="arrow keys turn, with Shift move, plus and minus zoom, 0 resets",De=new DataView(new ArrayBuffer(0)),at=class{constructor(t,e,o){this.model=t;this.scene=new Y(this.canvas,o),Object.assign(this.scene.style,{repeat:t.get("repeat"),bonds:t.get("bonds")}),this.shown=this.given();let{by:s,index:n}=this.shown.told,a=new O(Math.max(t.get("count"),1),c=>this.send(c),s);t.get("count")&&a.add(this.shown),this.player=new z(a,n,c=>this.put(c),()=>this.given()),this.player.setLive(t.get("live")),this.toolbar=new X(this.tools(),t.get("colourings"),c=>this.colour(c),s);let i=d("div",{className:"stage"},this.canvas,this.legend.root,this.toolbar.root);i.style.height=`${t.get("height")}px`;let l=this.scene.works?i:d("p",{role:"note"},Oe);this.root=d("div",{className:"viewer"},l,this.player.root),e.replaceChildren(d("style",{},Ot),this.root),this.listen(i),this.retheme(),this.player.tell(this.shown.told.caption),this.put(this.shown)}model;root;canvas=d("canvas",{tabIndex:0,role:"img"});scene;legend=new D;player;toolbar;leaving=[];shown;destroy(){this.player.pause();for(let t of this.leaving)t();this.scene.destroy()}listen(t){let{model:e,scene:o}=this,s=new ResizeObserver(()=>o.resize(t.clientWidth,t.clientHeight));s.observe(t),e.on("change:number",this.update),e.on("change:live",this.update),e.on("change:repeat",this.repeat),e.on("msg:custom",this.receive),this.root.addEventListener("keydown",this.press),o.onPainted=()=>this.tellPainted(),this.leaving.push(()=>s.disconnect(),()=>e.off("change:number",this.update),()=>e.off("change:live",this.update),()=>e.off("change:repeat",this.repeat),()=>e.off("msg:custom",this.receive),It(()=>this.retheme()),gt(this.canvas,o.camera,o.follow,()=>o.reset()))}tools(){let{scene:t}=this,{style:e,camera:o}=t,s=i=>()=>{e[i]=!e[i],t.rebuild()},n=()=>{o.perspective=!o.perspective,t.refresh()},a=()=>this.shown.beads.length>0;return[{label:"bonds",title:"Bonds",key:"b",on:()=>e.bonds,act:s("bonds")},{label:"cell",title:"Unit cell",key:"c",on:()=>e.cell,act:s("cell")},{label:"beads",title:"Beads",key:"q",on:()=>e.beads,act:s("beads"),there:a},{label:"springs",title:"Springs",key:"s",on:()=>e.springs,act:s("springs"),there:a},{label:"depth",title:"Perspective",key:"p",on:()=>o.perspective,act:n},{label:"\u27F2",title:"Reset view",key:"0",act:()=>t.reset()},{label:"PNG",title:"Save as PNG",key:"i",act:()=>_e(t.snapshot())}]}press=t=>{if(!(t.target instanceof HTMLSelectElement||t.ctrlKey||t.altKey||t.metaKey)){if(t.target===this.canvas&&t.key===" ")this.player.toggle();else if(t.key===","||t.key===".")this.player.step(t.key==="."?1:-1);else if(t.key==="l")this.player.follow();else if(!this.toolbar.press(t.key))return;t.preventDefault()}};given(){let{model:t}=this;return it(t.get("frame"),{positions:t.get("positions"),cell:t.get("cell"),values:t.get("values"),beads:t.get("beads")})}repeat=()=>{this.scene.style.repeat=this.model.get("repeat"),this.scene.rebuild(),this.scene.camera.moved||this.scene.reset()};update=()=>{let{model:t,player:e}=this;t.get("count")&&e.grow(t.get("count")),e.arrive(this.given()),e.setLive(t.get("live")),this.shown.told.index!==t.get("frame").index&&this.tellPainted()};colour(t){this.model.get("live")&&this.send({ask:"colour",by:t}),this.player.colour(t)}receive=(t,e=[])=>{let{told:o}=t??{},[s,n,a]=e;o&&s&&n&&a&&this.player.heed(it(o,{positions:s,cell:n,values:a,beads:De}))};put(t){this.shown=t;let{model:e}=this,[o,s,n]=[e.get("species"),e.get("elements"),e.get("periodic")],a=Rt({species:o,elements:s,periodic:n});this.toolbar.tell(),this.legend.update(s,t.values.length?t.scale:null),this.canvas.setAttribute("aria-label",`${e.get("title")}: ${Pe}`),this.scene.show(a,t,Vt(e.get("orientation")))}retheme(){let t=Ct(this.root);this.root.dataset.theme=t,this.scene.ink=Ie[t],this.scene.rebuild()}tellPainted(){this.root.dataset.painted=String(this.model.get("number")),this.root.dataset.frame=String(this.shown.told.index),this.send({ask:"painted",number:this.model.get("number")})}send(t){this.model.send(t)}};function _e(r){d("a",{href:r,download:"structure.png"}).click()}var Gr=()=>{let r=new F;return{render({model:t,el:e}){e.setAttribute("data-lm-suppress-shortcuts","true");let o=new at(t,e.shadowRoot??e.attachShadow({mode:"open"}),r);return()=>o.destroy()}}};export{Y as Scene,Gr as default};
